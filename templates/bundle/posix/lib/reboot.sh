# Whether a reboot is due: sets reboot_due (1 or empty) and reboot_why.
reboot_scan() {
    reboot_due='' reboot_why=''
    # Debian's families and SUSE's leave a file.
    for _f in /run/reboot-required /var/run/reboot-required /run/reboot-needed; do
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
    [ -n "$reboot_due" ] || reboot_scan_kernel
    case $os_family:$reboot_due in redhat:) reboot_scan_rpm ;; esac
}

# Kernels ask for no reboot by themselves: a newer one of the same flavour on disk is the sign, or that the running one's
# modules are gone, where a kernel takes its forerunner's place.
reboot_scan_kernel() {
    read -r _running </proc/sys/kernel/osrelease || return 0
    # A container runs its host's kernel, whatever lies on its disk.
    if [ -e /run/systemd/container ] || [ -e /.dockerenv ] || [ -e /run/.containerenv ]; then return 0; fi
    case $os_family in
    arch | alpine) reboot_scan_modules; return ;;
    esac
    [ -e "/boot/vmlinuz-$_running" ] || [ -e "/lib/modules/$_running/vmlinuz" ] || return 0
    reboot_flavour "$_running"
    _newest=$_running _own=$_flavour
    for _k in /boot/vmlinuz-* /lib/modules/*/vmlinuz; do
        _k=${_k#/boot/vmlinuz-} _k=${_k#/lib/modules/} _k=${_k%/vmlinuz}
        case $_k in *'*'* | *rescue*) continue ;; esac
        reboot_flavour "$_k"
        [ "$_flavour" = "$_own" ] && [ "$_k" != "$_newest" ] || continue
        if reboot_newer "$_k" "$_newest"; then _newest=$_k; fi
    done
    [ "$_newest" = "$_running" ] || reboot_due=1 reboot_why="kernel $_newest is installed, $_running runs"
}

reboot_scan_modules() {
    [ ! -d "/lib/modules/$_running" ] || return 0
    for _k in /lib/modules/*/modules.dep /lib/modules/*/vmlinuz; do
        [ -e "$_k" ] || continue
        _k=${_k#/lib/modules/}
        reboot_due=1 reboot_why="kernel ${_k%/*} is installed, $_running runs and its modules are gone"
        return 0
    done
}

# Sets _flavour. 6.1.0-9-cloud-amd64 and 6.4.0-150600.23-default have it behind the number, 6.12.9+bpo-amd64 and
# 6.6.31+rpt-rpi-v8 behind a word that the plus begins, 5.14.0-427.el9.x86_64+rt behind the plus itself.
reboot_flavour() {
    case $os_family:$1 in
    redhat:*+*) _flavour=${1##*+} ;;
    redhat:*) _flavour='' ;;
    *:*+*-*) _flavour=${1#*+} _flavour=${_flavour#*-} ;;
    *) _flavour=${1##*[0-9]-} ;;
    esac
}

reboot_newer() {
    if [ "$os_family" = debian ] && command -v dpkg >/dev/null 2>&1; then
        dpkg --compare-versions "$1" gt "$2"
    else
        [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V 2>/dev/null | tail -n 1)" = "$1" ]
    fi
}

# What else wants a reboot (glibc, systemd, firmware): as `needs-restarting -r` says it, a core package is younger than the
# boot. One question to rpm takes a twentieth of the plugin's time, and is there where the plugin is not.
reboot_scan_rpm() {
    _names='kernel kernel-core kernel-rt kernel-rt-core glibc linux-firmware microcode_ctl systemd dbus dbus-broker dbus-daemon'
    for _f in /etc/dnf/plugins/needs-restarting.d/*.conf; do
        [ -r "$_f" ] || continue
        while read -r _n || [ -n "$_n" ]; do
            case $_n in '' | *[!A-Za-z0-9+._-]*) ;; *) _names="$_names $_n" ;; esac
        done <"$_f"
    done
    reboot_boot_time
    # shellcheck disable=SC2086 # a list of names
    _young=$(rpm -q --qf '%{INSTALLTIME} %{NAME}\n' $_names 2>/dev/null)
    _asking=
    each_line reboot_rpm_one "$_young"
    [ -z "$_asking" ] || reboot_due=1 reboot_why="asked for by$_asking"
}

# Sets _boot, in seconds since the epoch. Both clocks in hundredths: the second of the boot itself is at stake.
reboot_boot_time() {
    _now=$(date +%s.%N)
    uptime_now
    case $_now:$UP in *.[0-9]*:*.[0-9]*) ;; *) _now=${_now%%.*}.00 UP=${UP%.*}.00 ;; esac
    _part=${_now#*.}00
    _part=${_part%"${_part#??}"}
    _boot=$(((${_now%.*} * 100 + 1$_part - ${UP%.*} * 100 - 1${UP#*.}) / 100))
}

# Of what is not installed rpm says so in words.
reboot_rpm_one() {
    _n=${1%% *}
    case $_n in '' | *[!0-9]*) return 0 ;; esac
    [ "$_n" -gt "$_boot" ] || return 0
    case "$_asking " in *" ${1#* } "*) ;; *) _asking="$_asking ${1#* }" ;; esac
}

reboot_report() {
    if [ -n "$reboot_due" ]; then
        metric reboot.required 1
        finding reboot-required "reason=$reboot_why"
    else
        metric reboot.required 0
    fi
}
