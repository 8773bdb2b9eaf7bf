# Read by flavour.sh: a host of the SUSE family with zypper.
keep="zypper rpm"

finish() {
    cat > "$root/usr/lib/os-release" << 'END'
NAME="openSUSE Leap"
VERSION="15.6 (Lab)"
ID="opensuse-leap"
ID_LIKE="suse opensuse"
VERSION_ID="15.6"
PRETTY_NAME="openSUSE Leap 15.6 (Lab)"
END
    mkdir -p "$root/etc/zypp/repos.d"
    cat > "$root/etc/zypp/repos.d/lab.repo" << END
[lab]
name=Lab
enabled=1
autorefresh=0
baseurl=file:///$mounted_at
type=rpm-md
gpgcheck=1
END
    rpm_database
    wanted=lab-release=1.0
    for name; do wanted="$wanted $name=1.0"; done
    inside zypper -q -n refresh
    inside zypper -q -n --no-refresh install --no-recommends $wanted
    for name in $held; do inside zypper -q -n addlock "$name"; done
    rm -rf "$root"/var/log/zypp* "$root"/var/cache/zypp/packages
}
