#!/bin/sh
# One boot of a host, second half: process 1 of its pid namespace. Ends by becoming its init.
set -eu
. ./host.env
# /proc is still the machine's here, so this is our pid as the machine sees it.
read -r pid _ < /proc/self/stat
echo "$pid" > init.new

mount -t proc -o nosuid,nodev,noexec proc root/proc
# Nothing in the host may turn the machine's knobs; sysrq could even reboot it.
mount --bind root/proc/sys root/proc/sys
mount --bind boot_id root/proc/sys/kernel/random/boot_id
mount -o remount,bind,ro root/proc/sys
mount -o remount,bind,ro root/proc/sys/kernel/random/boot_id
[ ! -e root/proc/sysrq-trigger ] || mount --bind /dev/null root/proc/sysrq-trigger
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs root/sys
[ "$INIT" = plain ] || mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 root/sys/fs/cgroup
mv init.new init.pid
cd root
pivot_root . .
umount -l .
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=linux container=mspctl-lab \
    chroot . /usr/bin/setpriv --bounding-set -mknod,-sys_module,-sys_rawio,-sys_time,-syslog,-wake_alarm "$INIT_PROGRAM" < /dev/null
