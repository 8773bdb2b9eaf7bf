#!/bin/sh
# The lab packages of a kind of host, installed in their old version on top of a base, as one overlay layer.
# usage: layer.sh BASE UPPER WORK ROOT REPOSITORY HELD [PACKAGE=VERSION...]      In namespaces of its own.
set -eu
base=$1 upper=$2 work=$3 root=$4 repository=$5 held=$6
shift 6
mount -t overlay overlay -o "lowerdir=$base,upperdir=$upper,workdir=$work" "$root"
mount --bind "$repository" "$root/srv/lab-repo"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/urandom" c 1 9
mount -t tmpfs tmpfs "$root/run"
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot "$root" "$@" < /dev/null; }
inside apt-get -q update
if [ $# -gt 0 ]; then
    inside apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install "$@"
fi
[ -z "$held" ] || inside apt-mark hold $held
rm "$root/usr/sbin/policy-rc.d"
rm -f "$root"/var/cache/apt/*.bin "$root"/var/log/apt/* "$root"/var/log/dpkg.log
