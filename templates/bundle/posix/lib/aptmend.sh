# How apt's and dpkg's unfinished work is finished, within the policy.

# What dpkg left unfinished, then what apt finds unmet.
apt_mend() {
    _mended=0
    if [ -n "$scan_broken" ]; then
        pm_run "$1" dpkg --force-confdef --force-confold --configure -a || _mended=1
        apt_scan
    fi
    case $scan_error in
    *[Uu]"nmet dependencies"*)
        pm_mend_within || return 1
        barred=$mend_stay
        # shellcheck disable=SC2086 # options
        apt_pin && pm_run "$1" apt-get $APT_QUIET $apt_pins --no-remove --fix-broken install || return 1
        ;;
    esac
    return "$_mended"
}

# What makes up for what is unmet, and what that changes.
apt_mending() { if apt_pin; then apt_scan mend; else scan_error=$pm_reason; fi; }
