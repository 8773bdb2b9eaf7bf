#!/bin/sh
# One boot of a host, first half: in its own network, mount and uts namespaces, still in the machine's pid namespace.
# The folder is the host's; host.env says what it is made of.
set -eu
. ./host.env
scripts=${0%/*}

# A cable to the bridge. The other end of the last boot's cable may not be swept away yet.
nsenter -t "$PPID" -n ip link del "$PORT" 2> /dev/null || :
nsenter -t "$PPID" -n ip -batch - << END
link add name $PORT type veth peer name eth0 address $MAC netns $$
link set $PORT master $BRIDGE up
END
{
    echo "link set lo up"
    for address in $ADDRESSES; do echo "address add $address dev eth0"; done
    echo "link set eth0 up"
} | ip -batch -
hostname "$NAME"

# The disk: everything the host ever writes is in its upper folder.
mkdir -p disk root
mount -o loop disk.img disk
# Even on a full disk a host boots: overlayfs makes its work folder in the room that the ballast gives up.
rm -rf disk/ballast
mkdir -p disk/upper disk/work
[ ! -d disk/upper/tmp ] || find disk/upper/tmp -mindepth 1 -delete
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$PWD/disk/upper,workdir=$PWD/disk/work" root
mkdir disk/ballast 2> /dev/null && for file in 1 2 3 4; do
    head -c 16384 /dev/zero > "disk/ballast/$file" || :
done 2> /dev/null || :
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs root/run
mkdir -m 1777 root/run/lock
mount -t tmpfs -o mode=755,nosuid tmpfs root/dev
for device in "null 3" "zero 5" "full 7" "random 8" "urandom 9"; do
    mknod -m 666 "root/dev/${device% *}" c 1 "${device#* }"
done
mknod -m 666 root/dev/tty c 5 0
mkdir root/dev/pts root/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts root/dev/pts
ln -s pts/ptmx root/dev/ptmx
ln -s /proc/self/fd root/dev/fd
ln -s /proc/self/fd/0 root/dev/stdin
ln -s /proc/self/fd/1 root/dev/stdout
ln -s /proc/self/fd/2 root/dev/stderr
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs root/dev/shm
mount --bind "$REPOSITORY" "root/$REPOSITORY_AT"
mount -o remount,bind,ro "root/$REPOSITORY_AT"
cat /proc/sys/kernel/random/uuid > boot_id

# Its clocks since boot start at nought, as after any boot.
read -r uptime _ < /proc/uptime
exec unshare --pid --time --boottime "-${uptime%.*}" --monotonic "-${uptime%.*}" --fork --kill-child sh "$scripts/enter.sh"
