"""The two disks of the security baseline as hosts that run, with what only a host can have."""

import re

from mspctl.testing.lab import Host
from tests.integration.modules.securitytrees import FAULTY, SCRIPT, SOUND

# The kernel's settings are the machine's, and read-only in the lab: the hosts read others that lie over them,
# and so of block devices and of the kernel's guards. The script stops if one of these does not lie there.
_COVERS = """
set -eu
mkdir -p /srv/keep /run/random
cp -p /etc/passwd /etc/shadow /etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_ed25519_key.pub /srv/keep
rm /etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_ed25519_key.pub
mount --bind /proc/sys/kernel/random /run/random
for place in /proc/sys /sys/block /sys/kernel/security; do
    mount -t tmpfs none $place
    grep -q "^none $place tmpfs " /proc/mounts
done
mkdir -p /proc/sys/kernel/random
mount --bind /run/random /proc/sys/kernel/random
"""
_KEYS = "cp -p /srv/keep/ssh_host_* /etc/ssh\n"
_LISTEN = """
await() {
    timeout 30 sh -c "until grep -q ':$(printf %04X "$1") .* 0A ' /proc/net/tcp*; do sleep 0.05; done"
}
listen() {
    for port; do setsid busybox nc -ll -p "$port" -e /bin/true </dev/null >/dev/null 2>&1 & done
    for port; do await "$port"; done
}
shows() {
    openssl req -x509 -newkey rsa:2048 -nodes -days "$2" -subj /CN=x -keyout /srv/keep/x.pem \\
        -out /srv/keep/x.crt 2>/dev/null
    cat /srv/keep/x.crt >>/srv/keep/x.pem
    setsid openssl s_server -quiet -accept "$1" -cert /srv/keep/x.pem </dev/null >/dev/null 2>&1 &
    await "$1"
}
"""
_BAD = """
for file in passwd shadow; do
    cat /srv/keep/$file etc/$file >/srv/keep/new
    cat /srv/keep/new >etc/$file
done
echo '@includedir /etc/sudoers.d' >>etc/sudoers
cp etc/ssh/ssh_host_ed25519_key etc/ssh/ssh_host_other_key
chmod 644 etc/ssh/ssh_host_other_key
set -- /lib/*/libdl.so.2
echo "$1" >etc/ld.so.preload
mount -t tmpfs none /dev/shm
mount -t tmpfs none /var/tmp
cp /bin/true /var/tmp/shell
chmod 4755 /var/tmp/shell
printf '#!/bin/sh\\necho no\\n' >usr/local/bin/timedatectl
chmod 755 usr/local/bin/timedatectl
listen 23 111 631 2375 3306 5900 6379
shows 8443 3
"""
_GOOD = """
cp -p /srv/keep/passwd /srv/keep/shadow etc
echo 'anna:x:1005:1005::/home/anna:/bin/bash' >>etc/passwd
echo 'anna:$y$a$b:19000::::::' >>etc/shadow
rm etc/sudoers.d/*
echo 'admin ALL=(ALL) ALL' >>etc/sudoers
mount -t tmpfs -o nosuid,nodev none /tmp
mkdir -p /run/named
for name in auditd rsyslogd systemd-timesyn; do
    cp /bin/sleep /run/named/$name
    setsid /run/named/$name infinity </dev/null >/dev/null 2>&1 &
done
nft -f - <<'X'
table inet filter {
    chain input {
        type filter hook input priority 0; policy drop;
        ct state established,related accept
        iif lo accept
        tcp dport { 22, 9443 } accept
    }
}
X
shows 9443 90
"""


def _live(disk: str) -> str:
    """Without what the kernel says of a host that runs: what is open, what is mounted, what runs."""
    text = re.sub(r"put proc/net/tcp <<'X'\n.*?\nX\necho >proc/net/udp\n", "", disk, flags=re.DOTALL)
    text = re.sub(r"(?m)^(.*>proc/mounts|runs .*)\n", "", text)
    text = text.replace("mkdir srv shared", "mkdir -p shared").replace("anna:x:1000:1000", "anna:x:1005:1005")
    # The first would shut sudo, and no release is supported for ever but a rolling one.
    text = text.replace("etc/pam.d/common-auth", "etc/pam.d/other-auth")
    return text.replace('ID=rocky\\nVERSION_ID="9.4"', "ID=arch\\nID_LIKE=debian")


def plant(host: Host, *, faulty: bool) -> None:
    """Make a host bad or good in everything that the baseline asks; its way in stays open."""
    disk, more = (FAULTY, _BAD) if faulty else (SOUND, _GOOD)
    host.run_inside(["sh", "-c", _COVERS + SCRIPT + _LISTEN + _live(disk) + _KEYS + more, "sh", "/"])
