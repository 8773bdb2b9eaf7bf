"""Two more disks for the security baseline: faults behind what looks well, and what nobody can see."""

MASKED = """
cat >>etc/ssh/sshd_config <<'X'
AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u
Match Address 192.0.2.0/24
    PermitRootLogin yes
    PasswordAuthentication = yes
    X11Forwarding yes
    MaxAuthTries 10
Match User legacy
    Include blocks/*.conf
X
mkdir -p etc/ssh/blocks etc/ssh/keys
echo 'ChallengeResponseAuthentication yes' >etc/ssh/blocks/legacy.conf
chmod 666 etc/ssh/blocks/legacy.conf
echo 'ssh-dss AAAA old' >etc/ssh/keys/anna
touch -d '2019-01-01' etc/ssh/keys/anna
chmod 666 etc/ssh/keys/anna
echo 'ssh-ed25519 AAAA x' >etc/ssh/keys/root
printf 'guest::1005:1000::/nowhere:/bin/sh\\ngames:x:5:60::/usr/games:/bin/sh\\n' >>etc/passwd
echo 'games:abcdefghijklm:19000::::::' >>etc/shadow
printf 'auth required pam_pwquality.so\\npassword required pam_unix.so obscure md5\\n' >etc/pam.d/common-auth
echo 'umask 022' >etc/profile
mkdir -p etc/fail2ban/jail.d
: >etc/fail2ban/jail.conf
printf '[sshd]\\nenabled = true\\n' >etc/fail2ban/jail.d/x.conf
for i in 1 2 3 4 5 6; do echo 'sshd: Failed password for root'; done >var/log/auth.log.1
printf 'Defaults !use_pty\\n@include /etc/sudoers.more\\n' >etc/sudoers
printf 'anna ALL=(ALL) NOPASSWD: SETENV: ALL\\nDefaults:anna !authenticate\\n' >etc/sudoers.more
chmod 666 etc/sudoers.more
rm proc/sys/kernel/yama/ptrace_scope proc/sys/fs/protected_fifos proc/sys/fs/protected_regular
rm proc/sys/fs/protected_symlinks proc/sys/fs/protected_hardlinks proc/sys/net/ipv4/tcp_syncookies
knobs <<'X'
net/ipv4/conf/eth0/accept_redirects 1
net/ipv4/conf/eth0/send_redirects 1
net/ipv6/conf/eth0/accept_source_route 1
net/ipv6/conf/all/forwarding 1
kernel/core_pattern |/usr/lib/systemd/systemd-coredump %P
X
echo 'man_groff (complain)' >sys/kernel/security/apparmor/profiles
printf 'Filename Type\\n/dev/dm-0 partition 1 0 -2\\n' >proc/swaps
cp /bin/true usr/bin/find
chmod 4755 usr/bin/find
cp /bin/true usr/bin/tool
chgrp 1000 usr/bin/tool
chmod 775 usr/bin/tool
echo '[Service]' | put usr/lib/systemd/system/x.service.d/y.conf
chmod 666 usr/lib/systemd/system/x.service.d/y.conf
echo '* * * * * true' | put var/spool/cron/crontabs/root
chmod 666 var/spool/cron/crontabs/root
echo 'server_tokens on;' | put etc/nginx/conf.d/x.conf
printf 'server_tokens off;\\ninclude vhosts/*.conf;\\n' >etc/nginx/nginx.conf
echo 'location / { autoindex on; }' | put etc/nginx/vhosts/x.conf
echo '    SSLProtocol all -SSLv3' | put etc/apache2/mods-enabled/ssl.conf
echo 'memory_limit = 1M' >etc/php.ini
echo 'php_flag[display_errors] = on' | put etc/php/8.2/fpm/pool.d/www.conf
echo 'include more.conf' >>etc/postgresql/15/main/pg_hba.conf
echo 'local all all trust' >etc/postgresql/15/main/more.conf
echo '!includedir /srv/mysql' >etc/mysql/my.cnf
echo 'skip_grant_tables = 1' | put srv/mysql/x.cnf
echo 'include local.conf' >>etc/redis/redis.conf
echo 'bind 0.0.0.0' >etc/redis/local.conf
echo 'include = /etc/samba/shares.conf' >>etc/samba/smb.conf
printf 'guest ok = yes\\nmin protocol = NT1\\n' >etc/samba/shares.conf
echo '/srv' >etc/exports
echo 'includeDir /etc/snmp/more' >etc/snmp/snmpd.conf
echo 'rocommunity "public"' | put etc/snmp/more/x.conf
printf 'mynetworks = 127.0.0.0/8\\n    0.0.0.0/0\\n' >etc/postfix/main.cf
echo 'ExecStart=/usr/bin/dockerd -H tcp://0.0.0.0:2376' | put etc/systemd/system/docker.service.d/x.conf
echo 'APT::Periodic::Unattended-Upgrade "0";' >etc/apt/apt.conf.d/99off
printf 'Types: deb\\nAllow-Insecure: yes\\n' >etc/apt/sources.list.d/x.sources
mkdir -p boot
: >boot/vmlinuz-6.1.0-9-amd64
: >boot/vmlinuz-6.1.0-10-amd64
: >boot/vmlinuz-6.1.0-11-cloud-amd64
echo 'Linux version 6.1.0-9-amd64 (x@example.com)' >proc/version
runs 7 cat
echo 7 >run/auditd.pid
rm -r proc/8
printf '[Journal]\\nStorage=volatile\\n' >etc/systemd/journald.conf
touch -d '2020-01-01' var/log/syslog
rm usr/sbin/logrotate etc/systemd/coredump.conf var/lib/aide/aide.db
echo '* hard core 0' | put etc/security/limits.conf
: | put etc/aide/aide.conf
"""

BEHIND = frozenset(
    {
        "ssh-root-login", "ssh-password", "ssh-x11", "ssh-tries", "ssh-keyboard", "ssh-config-mode",
        "keys-age", "keys-weak", "keys-modes", "keys-root", "account-no-password", "account-in-passwd",
        "account-system-login", "account-old-hash", "account-password-rules", "account-new-hash",
        "account-umask", "account-lockout", "login-failures", "sudo-terminal", "sudo-without-password",
        "sudo-no-authentication", "sudo-modes", "kernel-ptrace", "kernel-fifos", "kernel-files",
        "kernel-symlinks", "kernel-hardlinks", "net-syncookies", "net-redirects", "net-send-redirects",
        "net-source-route", "net-forwarding", "kernel-guard", "disk-encrypted", "file-suid",
        "file-programs", "file-units", "file-schedules", "web-version", "web-listing", "web-old-tls",
        "php-errors", "postgresql-trust", "mysql-no-password", "redis-open", "samba-guests", "samba-old",
        "nfs-open", "snmp-public", "mail-relay", "docker-network", "updates-automatic", "updates-signed",
        "updates-reboot", "audit-running", "log-kept", "log-elsewhere", "log-ends", "cores-kept",
        "files-watched", "file-open",
    }
)  # fmt: skip
"""The checks for which MASKED, put over the sound disk, has a fault."""

BLIND = """
echo 'sudoers: files sss' >etc/nsswitch.conf
echo 'AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys' >>etc/ssh/sshd_config
echo 'AuthorizedKeysCommandUser nobody' >>etc/ssh/sshd_config
touch -d '2020-01-01' var/log/auth.log
echo 'capability,tomoyo' >sys/kernel/security/lsm
rm -r proc/sys proc/net sys/block
rm -r etc/nginx etc/php etc/postgresql etc/mysql etc/redis etc/samba etc/exports etc/snmp etc/postfix
rm etc/apt/sources.list etc/kernel/postinst.d/unattended-upgrades
number=20
for name in nginx php-fpm8.2 postgres mariadbd redis-server smbd nfsd snmpd master; do
    number=$((number + 1))
    runs $number $name
done
"""

UNSEEN = frozenset(
    {
        "sudo-without-password", "sudo-no-authentication", "keys-age", "keys-weak", "keys-root",
        "login-failures", "kernel-guard", "disk-encrypted", "kernel-layout", "kernel-ptrace",
        "kernel-pointers", "kernel-messages", "kernel-dumps", "kernel-symlinks", "kernel-hardlinks",
        "kernel-fifos", "kernel-files", "kernel-bpf", "kernel-keys", "net-syncookies", "net-redirects",
        "net-send-redirects", "net-source-route", "net-spoofing", "net-forwarding", "net-broadcast",
        "port-undeclared", "port-plain", "port-database", "port-cache", "port-rpc", "port-desktop",
        "port-docker", "port-printing", "web-version", "web-listing", "web-old-tls", "php-errors",
        "postgresql-trust", "mysql-no-password", "redis-open", "samba-guests", "samba-old", "nfs-open",
        "snmp-public", "mail-relay", "updates-signed", "updates-reboot",
    }
)  # fmt: skip
"""The checks that nobody can answer where BLIND was put over the sound disk."""
