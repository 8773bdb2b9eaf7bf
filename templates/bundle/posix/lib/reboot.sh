# Whether a reboot is due: sets reboot_due (1 or empty) and reboot_why.
reboot_scan() {
    reboot_due='' reboot_why=''
    for _f in /run/reboot-required /var/run/reboot-required; do
        [ -e "$_f" ] || continue
        reboot_due=1 reboot_why="asked for by a package"
        if [ -r "$_f.pkgs" ]; then
            _asking=
            while read -r _p || [ -n "$_p" ]; do
                case "$_asking " in *" $_p "*) ;; *) _asking="$_asking $_p" ;; esac
            done <"$_f.pkgs"
            [ -z "$_asking" ] || reboot_why="asked for by$_asking"
        fi
        break
    done
    [ -z "$reboot_due" ] || return 0
    case $pkg in
    dnf | yum) if command -v dnf_reboot_scan >/dev/null 2>&1; then dnf_reboot_scan; fi ;;
    # libzypp's mark does not say which package set it.
    zypper) [ ! -e /run/reboot-needed ] || reboot_due=1 reboot_why="asked for by a package: core libraries or the kernel are new" ;;
    pacman) reboot_scan_modules ;;
    *) reboot_scan_kernel ;;
    esac
}

# Where a kernel's update takes away the modules of the one that runs, no module can be loaded any more.
reboot_scan_modules() {
    read -r _running </proc/sys/kernel/osrelease || return 0
    [ ! -e "/usr/lib/modules/$_running/vmlinuz" ] || return 0
    for _k in /usr/lib/modules/*/vmlinuz; do
        # A container runs its host's kernel and has none of its own.
        [ -e "$_k" ] || return 0
        _k=${_k%/vmlinuz}
        reboot_due=1 reboot_why="kernel ${_k##*/} is installed, $_running runs and its modules are gone"
    done
}

# Debian's kernels ask for no reboot by themselves: a newer one of the same flavour on disk is the sign.
reboot_scan_kernel() {
    read -r _running </proc/sys/kernel/osrelease || return 0
    # A container runs its host's kernel and has none of its own.
    [ -e "/boot/vmlinuz-$_running" ] || return 0
    command -v dpkg >/dev/null 2>&1 || return 0
    for _k in /boot/vmlinuz-*; do
        _k=${_k#/boot/vmlinuz-}
        [ "${_k##*[0-9]-}" = "${_running##*[0-9]-}" ] && [ "$_k" != "$_running" ] || continue
        if dpkg --compare-versions "$_k" gt "$_running"; then
            reboot_due=1 reboot_why="kernel $_k is installed, $_running runs"
        fi
    done
}

reboot_report() {
    if [ -n "$reboot_due" ]; then
        metric reboot.required 1
        finding reboot-required "reason=$reboot_why"
    else
        metric reboot.required 0
    fi
}
