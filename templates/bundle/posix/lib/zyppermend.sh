# How what a killed zypper or a failed scriptlet left is finished, within the policy.

# A reinstallation runs the scriptlets again and takes the old version away.
zypper_mend() {
    zypper_fenced=''
    [ -n "$scan_broken" ] || return 0
    # A script that failed is run again by its own version: the newest may be one that the policy keeps back.
    # shellcheck disable=SC2046 # a list of names
    zypper_run "$1" install --force $(printf '%s' "$scan_broken" |
        sed 's/^\([^|]*\)|\([^|]*\)|scriptlet-failed$/\1=\2/; s/|.*//') || return 1
    each_line zypper_mended "$scan_broken"
}

# The version is as before, which nobody could tell from a change that was not made.
zypper_mended() {
    _r=${1#*|}
    case $_r in *"|scriptlet-failed") changed "${1%%|*}" "old=${_r%%|*}" "new=${_r%%|*}" security=no ;; esac
}
