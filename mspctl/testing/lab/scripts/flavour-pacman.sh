# Read by flavour.sh: a host of the Arch family with pacman.
keep="pacman"

finish() {
    cat > "$root/usr/lib/os-release" << 'END'
NAME="Arch Linux"
ID=arch
BUILD_ID=rolling
PRETTY_NAME="Arch Linux (Lab)"
END
    # In here no file system is mounted at /, so CheckSpace comes last.
    ln -sf /proc/self/mounts "$root/etc/mtab"
    {
        printf '[options]\nArchitecture = auto\nSigLevel = Required DatabaseRequired\n'
        [ -z "$held" ] || echo "IgnorePkg = $held"
        printf '[lab]\nServer = file:///%s\n' "$mounted_at"
    } > "$root/etc/pacman.conf"
    mkdir -p -m 755 "$root/etc/pacman.d/gnupg" "$root/var/lib/pacman/sync" "$root/var/cache/pacman/pkg"
    cp "${repository%/*}/lab.gpg" "$root/etc/pacman.d/lab.gpg"
    trust() { inside gpg --batch --quiet --homedir /etc/pacman.d/gnupg --no-permission-warning "$@"; }
    # The old format is what pacman-key makes.
    : > "$root/etc/pacman.d/gnupg/pubring.gpg"
    trust --import /etc/pacman.d/lab.gpg
    trust --with-colons --list-keys | sed -n 's/^fpr:*\([^:]*\):/\1:6:/p' | sed 1q > "$root/run/trust"
    # Only lab's key: the repository's gpg home has a stranger's, too.
    trust --import-ownertrust /run/trust
    chmod 644 "$root"/etc/pacman.d/gnupg/*
    files=
    for name; do files="$files /$mounted_at/$name-1.0-1-any.pkg.tar"; done
    [ -z "$files" ] || inside pacman -U --noconfirm $files > "$root/run/log" || { cat "$root/run/log" >&2; return 1; }
    inside pacman -Sy --noconfirm > /dev/null
    sed -i 's/^Arch.*/&\nCheckSpace/' "$root/etc/pacman.conf"
    rm -f "$root"/var/log/pacman.log "$root"/var/cache/pacman/pkg/*
}
