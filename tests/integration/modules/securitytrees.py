"""Two disks for the security baseline: one with a fault for each check, one as it should be."""

from collections.abc import Mapping
from pathlib import Path

from tests.integration.modules.here import Here

SCRIPT = """
set -eu
umask 022
cd "$1"
mkdir -p etc/ssh etc/sudoers.d etc/cron.d etc/pam.d etc/apt/apt.conf.d etc/apt/sources.list.d
mkdir -p etc/audit/rules.d etc/ssl/private
mkdir -p root/.ssh home/anna/.ssh usr/bin usr/local/bin boot/grub var/log run etc/systemd/system
mkdir -p etc/redis etc/docker etc/samba
mkdir -p etc/nginx etc/php/8.2/fpm etc/postgresql/15/main etc/mysql etc/snmp etc/postfix proc/net
mkdir -p sys/kernel/security sys/block/dm-0/dm
ssh-keygen -q -t ed25519 -N '' -f etc/ssh/ssh_host_ed25519_key
certificate() {
    openssl req -x509 -newkey "$1" "-$2" -nodes -days "$3" -subj /CN=x \\
        -keyout etc/ssl/private/x.key -out etc/ssl/private/x.pem 2>/dev/null
}
put() { mkdir -p "$(dirname "$1")"; cat >"$1"; }
runs() { printf '%s\\n' "$2" | put "proc/$1/comm"; }
knobs() { while read -r name value; do printf '%s\\n' "$value" | put "proc/sys/$name"; done; }
"""

_PASSWD = "root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n"

FAULTY = f"""
printf 'ID=debian\\nVERSION_ID="9"\\n' >etc/os-release
put etc/passwd <<'X'
{_PASSWD}toor:x:0:0::/root:/bin/sh
ben:x:1000:1000::/home/ben:/bin/sh
ben:x:1001:1000::/home/ben:/bin/sh
old:cryptedhashab:1002:1000::/home/old:/bin/sh
daemon:x:1:1::/usr/sbin:/bin/sh
X
put etc/shadow <<'X'
root:$6$a$b:19000::::::
anna::19000::::::
ben:$1$a$b:19000::::::
daemon:$6$a$b:19000::::::
X
chmod 644 etc/shadow
chmod 666 etc/passwd
chmod 777 home/anna
printf 'ENCRYPT_METHOD DES\\nUMASK 022\\n' >etc/login.defs
echo 'password required pam_unix.so' >etc/pam.d/common-password
for i in 1 2 3 4 5 6; do echo 'sshd: Failed password for root'; done >var/log/auth.log
chmod 666 var/log/auth.log
printf 'anna ALL=(ALL) NOPASSWD: ALL\\nDefaults !authenticate\\n' >etc/sudoers
chmod 664 etc/sudoers
printf 'ssh-rsa AAAAB3NzaC1yc2E anna\\nssh-dss AAAA old\\n' >home/anna/.ssh/authorized_keys
touch -d '2019-01-01' home/anna/.ssh/authorized_keys
chmod 666 home/anna/.ssh/authorized_keys
echo 'ssh-ed25519 AAAA x' >root/.ssh/authorized_keys
put etc/ssh/sshd_config <<X
HostKey $PWD/etc/ssh/ssh_host_ed25519_key
PermitRootLogin yes
PermitEmptyPasswords yes
PasswordAuthentication yes
KbdInteractiveAuthentication yes
HostbasedAuthentication yes
Ciphers aes256-ctr,aes256-cbc
MACs hmac-sha1
KexAlgorithms diffie-hellman-group14-sha1
MaxAuthTries 10
LoginGraceTime 0
ClientAliveInterval 0
X11Forwarding yes
PermitUserEnvironment yes
LogLevel QUIET
StrictModes no
X
chmod 666 etc/ssh/sshd_config
echo key >etc/ssh/ssh_host_rsa_key
knobs <<'X'
kernel/randomize_va_space 0
kernel/yama/ptrace_scope 0
kernel/kptr_restrict 0
kernel/dmesg_restrict 0
fs/suid_dumpable 1
fs/protected_symlinks 0
fs/protected_hardlinks 0
fs/protected_fifos 0
fs/protected_regular 0
kernel/unprivileged_bpf_disabled 0
kernel/sysrq 1
net/ipv4/tcp_syncookies 0
net/ipv4/conf/all/accept_redirects 0
net/ipv6/conf/all/accept_redirects 1
net/ipv4/conf/all/send_redirects 1
net/ipv4/conf/default/accept_source_route 1
net/ipv4/conf/all/rp_filter 0
net/ipv4/ip_forward 1
net/ipv4/icmp_echo_ignore_broadcasts 0
X
echo capability,yama >sys/kernel/security/lsm
echo LVM-abc >sys/block/dm-0/dm/uuid
printf 'tmpfs /dev/shm tmpfs rw,nosuid 0 0\\n' >proc/mounts
echo '* * * * * root /srv/x' >etc/cron.d/job
chmod 666 etc/cron.d/job
chown 1000 etc/cron.d etc/crontab 2>/dev/null || true
chown 1000 etc/ssh
echo '[Service]' >etc/systemd/system/x.service
chmod 666 etc/systemd/system/x.service
chmod 777 usr/local/bin
echo /srv/evil.so >etc/ld.so.preload
echo + >etc/hosts.equiv
echo 'set x' >boot/grub/grub.cfg
cp /bin/true usr/local/bin/rootshell
chmod 4755 usr/local/bin/rootshell
mkdir srv shared
chmod 777 shared
echo x >srv/open
chmod 666 srv/open
echo x >srv/nobody
chown 54321 srv/nobody
certificate rsa:1024 sha1 3
chmod 644 etc/ssl/private/x.key
put proc/net/tcp <<'X'
  sl  local_address rem_address   st
   0: 00000000:0016 00000000:0000 0A 0
   1: 00000000:0017 00000000:0000 0A 0
   2: 00000000:0CEA 00000000:0000 0A 0
   3: 00000000:18EB 00000000:0000 0A 0
   4: 00000000:006F 00000000:0000 0A 0
   5: 00000000:170C 00000000:0000 0A 0
   6: 00000000:0947 00000000:0000 0A 0
   7: 00000000:0277 00000000:0000 0A 0
X
echo >proc/net/udp
echo 'autoindex on;' >etc/nginx/nginx.conf
echo 'ssl_protocols TLSv1 TLSv1.2;' >>etc/nginx/nginx.conf
echo 'display_errors = On' >etc/php/8.2/fpm/php.ini
echo 'host all all 0.0.0.0/0 trust' >etc/postgresql/15/main/pg_hba.conf
echo 'skip-grant-tables' >etc/mysql/my.cnf
echo 'bind 0.0.0.0' >etc/redis/redis.conf
printf 'guest ok = yes\\nserver min protocol = NT1\\n' >etc/samba/smb.conf
echo '/srv *(rw)' >etc/exports
echo 'rocommunity public' >etc/snmp/snmpd.conf
echo 'mynetworks = 127.0.0.0/8 0.0.0.0/0' >etc/postfix/main.cf
echo '{{"hosts": ["tcp://0.0.0.0:2375"]}}' >etc/docker/daemon.json
echo 'deb [trusted=yes] http://archive.example.com stable main' >etc/apt/sources.list
touch run/reboot-required
"""

SOUND = f"""
printf 'ID=rocky\\nVERSION_ID="9.4"\\n' >etc/os-release
put etc/passwd <<'X'
{_PASSWD}X
printf 'root:*:19000::::::\\nanna:$y$a$b:19000::::::\\n' >etc/shadow
chmod 640 etc/shadow
printf 'ENCRYPT_METHOD YESCRYPT\\nUMASK 027\\n' >etc/login.defs
printf 'auth required pam_faillock.so\\npassword required pam_pwquality.so\\n' >etc/pam.d/common-auth
echo 'sshd: Failed password for root' >var/log/auth.log
printf 'Defaults use_pty\\n# NOPASSWD: ALL\\nanna ALL=(ALL) ALL\\n' >etc/sudoers
chmod 440 etc/sudoers
echo 'from="192.0.2.1" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI anna' >home/anna/.ssh/authorized_keys
put etc/ssh/sshd_config <<X
HostKey $PWD/etc/ssh/ssh_host_ed25519_key
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
Ciphers aes256-gcm@openssh.com
MACs hmac-sha2-256-etm@openssh.com
KexAlgorithms curve25519-sha256
MaxAuthTries 4
LoginGraceTime 60
ClientAliveInterval 300
X11Forwarding no
AllowGroups ssh
X
knobs <<'X'
kernel/randomize_va_space 2
kernel/yama/ptrace_scope 1
kernel/kptr_restrict 1
kernel/dmesg_restrict 1
fs/suid_dumpable 0
fs/protected_symlinks 1
fs/protected_hardlinks 1
fs/protected_fifos 1
fs/protected_regular 2
kernel/unprivileged_bpf_disabled 2
kernel/sysrq 438
net/ipv4/tcp_syncookies 1
net/ipv4/conf/all/accept_redirects 0
net/ipv4/conf/all/send_redirects 0
net/ipv4/conf/all/accept_source_route 0
net/ipv4/conf/all/rp_filter 2
net/ipv4/ip_forward 0
net/ipv4/icmp_echo_ignore_broadcasts 1
X
echo capability,apparmor >sys/kernel/security/lsm
echo CRYPT-LUKS2-abc >sys/block/dm-0/dm/uuid
printf 'tmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0\\ntmpfs /tmp tmpfs rw,nosuid,nodev 0 0\\n' >proc/mounts
echo '* * * * * root /srv/x' >etc/cron.d/job
echo '[Service]' >etc/systemd/system/x.service
echo 'set x' >boot/grub/grub.cfg
chmod 600 boot/grub/grub.cfg
cp /bin/true usr/bin/passwd
chmod 4755 usr/bin/passwd
mkdir shared
chmod 1777 shared
certificate rsa:2048 sha256 90
chmod 600 etc/ssl/private/x.key
put proc/net/tcp <<'X'
  sl  local_address rem_address   st
   0: 00000000:0016 00000000:0000 0A 0
   1: 0100007F:18EB 00000000:0000 0A 0
   2: 0A00000A:0CEA 0B00000A:0016 01 0
X
echo >proc/net/udp
printf 'server_tokens off;\\nssl_protocols TLSv1.2 TLSv1.3;\\n# autoindex on;\\n' >etc/nginx/nginx.conf
echo 'display_errors = Off' >etc/php/8.2/fpm/php.ini
echo 'host all all 0.0.0.0/0 scram-sha-256' >etc/postgresql/15/main/pg_hba.conf
echo 'bind-address = 127.0.0.1' >etc/mysql/my.cnf
echo 'bind 127.0.0.1 -::1' >etc/redis/redis.conf
echo 'server min protocol = SMB3' >etc/samba/smb.conf
echo '/srv 192.0.2.0/24(rw)' >etc/exports
echo 'rouser anna priv' >etc/snmp/snmpd.conf
echo 'mynetworks = 127.0.0.0/8' >etc/postfix/main.cf
echo '{{"log-driver": "journald"}}' >etc/docker/daemon.json
echo 'deb http://archive.example.com stable main' >etc/apt/sources.list
echo 'APT::Periodic::Unattended-Upgrade "1";' >etc/apt/apt.conf.d/20auto
mkdir -p usr/bin && : >usr/bin/unattended-upgrade
runs 7 auditd
runs 8 rsyslogd
runs 9 systemd-timesyn
mkdir -p run/systemd/timesync var/log/journal var/lib/aide usr/sbin etc/kernel/postinst.d
mkdir -p sys/kernel/security/apparmor
echo 'man_groff (enforce)' >sys/kernel/security/apparmor/profiles
touch var/lib/aide/aide.db etc/kernel/postinst.d/unattended-upgrades usr/sbin/logrotate
echo '-w /etc/passwd -p wa' >etc/audit/rules.d/x.rules
echo '*.* @@log.example.com' >etc/rsyslog.conf
touch etc/logrotate.conf run/systemd/timesync/synchronized
put etc/systemd/coredump.conf <<'X'
Storage=none
X
"""


def plant(here: Here, folder: Path, faults: str) -> None:
    """Make one of these disks in a folder."""
    folder.mkdir()
    here.run("sh", "-c", SCRIPT + faults, "sh", str(folder))


PARAMETERS: Mapping[str, Mapping[str, int | tuple[str, ...]]] = {
    "security-accounts": {"failed_logins": 5},
    "security-files": {"certificates": ("/etc/ssl/private",)},
    "security-network": {"ports": ("22",)},
    "security-upkeep": {
        "support": ("rocky|8|2020-01-01|", "rocky|9|2020-01-01|2999-05-31", "debian|9|2020-07-18|2022-06-30")
    },
}
