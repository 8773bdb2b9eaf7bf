#!/bin/sh
# Finishes a base: users, sudo, sshd, and no way to any package source but the lab's.
# usage: base.sh ROOT INIT SCRIPTS_FOLDER
set -eu
root=$1 init=$2 scripts=$3
chroot "$root" useradd --create-home --shell /bin/bash --uid 1000 --user-group ops
chroot "$root" useradd --create-home --shell /bin/bash --uid 1001 --user-group --groups sudo admin
chroot "$root" usermod --password '*' ops
echo 'ops ALL=(ALL:ALL) NOPASSWD: ALL' > "$root/etc/sudoers.d/ops"
chmod 440 "$root/etc/sudoers.d/ops"
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* "$root"/etc/apt/apt.conf.d/99mmdebstrap
rm -rf "$root"/etc/ssh/ssh_host_* "$root/etc/resolv.conf" "$root/etc/machine-id" "$root"/var/lib/apt/lists/*
: > "$root/etc/resolv.conf"
: > "$root/etc/machine-id"
mkdir -p "$root/srv/lab-repo" "$root/etc/apt/keyrings"
printf 'PasswordAuthentication yes\nPrintMotd no\n' > "$root/etc/ssh/sshd_config.d/lab.conf"
if [ "$init" = plain ]; then
    install -m 755 "$scripts/plain-init.sh" "$root/sbin/lab-init"
    install -m 755 "$scripts/power.sh" "$root/sbin/shutdown"
    for name in reboot poweroff halt; do ln -sf shutdown "$root/sbin/$name"; done
    # Without insserv nobody makes these links.
    mkdir -p "$root/etc/rc2.d"
    [ -e "$root/etc/rc2.d/S01ssh" ] || ln -s ../init.d/ssh "$root/etc/rc2.d/S01ssh"
else
    for unit in systemd-udevd.service systemd-networkd.service getty.target console-getty.service \
        apt-daily.timer apt-daily-upgrade.timer systemd-timesyncd.service; do
        ln -sf /dev/null "$root/etc/systemd/system/$unit"
    done
fi
