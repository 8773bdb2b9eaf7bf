#!/bin/sh
# A host of another distribution as one overlay layer on the base that has every package tool.
# usage: flavour.sh BASE UPPER WORK ROOT REPOSITORY MOUNTED_AT SCRIPT HELD [PACKAGE...]     In namespaces of its own.
# SCRIPT is read in here; it sets `keep` (the tools that stay), and defines `finish`, called with the packages.
set -eu
base=$1 upper=$2 work=$3 root=$4 repository=$5 mounted_at=$6 script=$7 held=$8
shift 8
mount -t overlay overlay -o "lowerdir=$base,upperdir=$upper,workdir=$work" "$root"
mkdir -p "$root/$mounted_at"
mount --bind "$repository" "$root/$mounted_at"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/urandom" c 1 9
mount -t tmpfs tmpfs "$root/run"
inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 chroot "$root" "$@" < /dev/null; }
# For those with rpm: Debian's own place for the database is in the user's home.
rpm_database() {
    mkdir -p "$root/etc/rpm" "$root/etc/pki/rpm-gpg"
    echo '%_dbpath /var/lib/rpm' > "$root/etc/rpm/macros"
    cp "${repository%/*}/lab.asc" "$root/etc/pki/rpm-gpg/RPM-GPG-KEY-lab"
    inside rpm --initdb
    inside rpm --import /etc/pki/rpm-gpg/RPM-GPG-KEY-lab
}
. "$script"

rm -rf "$root"/var/lib/dpkg "$root"/var/lib/apt "$root"/var/cache/apt "$root"/etc/apt
for tool in apt apt-cache apt-config apt-get apt-key apt-mark dpkg dpkg-deb dpkg-divert dpkg-query dpkg-split \
    dpkg-statoverride dpkg-trigger dnf dnf-3 yum zypper pacman rpm python3 python3.11; do
    case " $keep " in *" $tool "*) ;; *) rm -f "$root/usr/bin/$tool" ;; esac
done
finish "$@"
