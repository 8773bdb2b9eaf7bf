# Read by flavour.sh: a host of the Red Hat family with dnf 4, its plugins versionlock and needs-restarting.
keep="dnf dnf-3 rpm python3 python3.11"

finish() {
    cat > "$root/usr/lib/os-release" << 'END'
NAME="Rocky Linux"
VERSION="9.4 (Lab)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Rocky Linux 9.4 (Lab)"
END
    # As Rocky has it: with best, one update that cannot be had stops all others.
    cat > "$root/etc/dnf/dnf.conf" << 'END'
[main]
gpgcheck=1
installonly_limit=3
clean_requirements_on_remove=True
best=True
skip_if_unavailable=False
END
    rm -f "$root/etc/dnf/aliases.d/zypper.conf"
    find "$root/usr/lib/python3/dist-packages/dnf-plugins" -type f ! -name versionlock.py ! -name needs_restarting.py \
        -delete
    mkdir -p "$root/etc/yum.repos.d" "$root/etc/dnf/plugins/needs-restarting.d"
    cat > "$root/etc/yum.repos.d/lab.repo" << END
[lab]
name=Lab
baseurl=file:///$mounted_at
enabled=1
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-lab
END
    # What needs-restarting -r reads besides its own list of names.
    echo lab-kernel > "$root/etc/dnf/plugins/needs-restarting.d/lab.conf"
    ln -sf dnf "$root/usr/bin/yum"
    rpm_database
    wanted=lab-release-1.0
    for name; do wanted="$wanted $name-1.0"; done
    inside dnf -q -y --setopt=install_weak_deps=0 install $wanted
    for name in $held; do echo "$name-0:1.0-1.*" >> "$root/etc/dnf/plugins/versionlock.list"; done
    rm -rf "$root"/var/log/dnf* "$root"/var/log/hawkey.log
}
