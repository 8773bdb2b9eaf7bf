# How what a killed zypper or a failed scriptlet left is finished, within the policy.

# A reinstallation runs the scriptlets again and takes the old version away. It is of the version that came last: a newer
# one may be one that the policy keeps back.
zypper_mend() {
    barred=$mend_stay
    zypper_mend_plan
    [ -n "$zypper_again" ] || return 0
    zypper_mend_fence || return 1
    # shellcheck disable=SC2086 # a list of names
    zypper_run "$1" install --force $zypper_again || return 1
    pm_mended
}

zypper_mend_plan() {
    zypper_again=''
    each_line zypper_mend_spec "$scan_broken"
}

zypper_mend_spec() {
    ! pm_is_to_come "$1" || return 0
    _name=${1%%|*}
    # Of two that came in the same second the one with the higher number in rpm's database is the later.
    _last=$(rpm -q --qf "%{INSTALLTIME} %{DBINSTANCE} $ZYPPER_EVR\n" "$_name" 2>/dev/null | sort -k 1,1n -k 2,2n | tail -n 1)
    case " $zypper_again " in *" $_name=${_last##* } "*) ;; *) zypper_again="$zypper_again $_name=${_last##* }" ;; esac
}

# What is reinstalled must not be locked, for zypper locks names and not versions; but its version is given.
zypper_mend_fence() {
    _names=''
    each_line zypper_bar "$barred"
    zypper_fence "$_names"
}

# What reinstalling them would change beside them.
zypper_mending() {
    pm_reason='' _mode=full
    zypper_mend_plan
    [ -n "$zypper_again" ] || return 0
    # shellcheck disable=SC2086 # a list of names
    if zypper_mend_fence && zypper_ask install --force --dry-run --details $zypper_again; then
        zypper_records "$_xml"
        zypper_others=''
        each_line zypper_mend_other "$scan_pending"
        scan_pending=$zypper_others zypper_others=''
        each_line zypper_mend_other "$scan_removes"
        [ -z "$zypper_others" ] || pm_reason="$(pm_names "$zypper_others") would be removed"
    fi
    scan_error=$pm_reason
}

zypper_mend_other() {
    case "$zypper_again " in *" ${1%%|*}="*) ;; *) zypper_others=$zypper_others$1$NL ;; esac
}
