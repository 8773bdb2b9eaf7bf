# How what a killed pacman or a failed script left is finished, within the policy.

# A lock that nobody holds goes; a reinstallation of the same version runs the scripts again. A hook runs again when
# something that it is for comes anew: nobody but a person knows what that is.
pacman_mend() {
    pacman_unlock || return 1
    pacman_mend_plan
    pacman_ignored=''
    each_line pacman_bar "$mend_stay"
    # shellcheck disable=SC2086 # files, names
    if [ -n "$pacman_files" ]; then pacman_run "$1" -U $pacman_files || return 1; fi
    # shellcheck disable=SC2086 # names
    if [ -n "$pacman_names" ]; then pacman_run "$1" -S $pacman_names || return 1; fi
    pm_mended
}

pacman_unlock() {
    [ -e "$PACMAN_DB/db.lck" ] || return 0
    if pacman_locked; then
        pm_reason="pacman lock held by $lock_holder"
        return 1
    fi
    echo "removing $PACMAN_DB/db.lck, which nobody has open"
    pm_reason="the lock $PACMAN_DB/db.lck, which nobody has open, cannot be removed"
    rm -f "$PACMAN_DB/db.lck"
}

# The repositories know the newest version alone, so the package that pacman has kept counts first.
pacman_mend_plan() {
    pacman_files='' pacman_names='' pacman_lost=''
    each_line pacman_mend_one "$scan_broken"
}

pacman_mend_one() {
    case $1 in *"|script-failed") ;; *) return 0 ;; esac
    ! pm_is_to_come "$1" || return 0
    pm_fields "$1"
    for _f in /var/cache/pacman/pkg/"$_name-$_old"-*.pkg.tar*; do
        case $_f in *.sig | *.part | *'*'*) continue ;; esac
        pacman_files="$pacman_files $_f"
        return 0
    done
    if [ "$(pacman -Sddp --print-format %v -- "$_name" 2>/dev/null)" = "$_old" ]; then
        pacman_names="$pacman_names $_name"
    else
        pacman_lost="$pacman_lost, $_name $_old"
    fi
}

# What that would change beside them.
pacman_mending() {
    pacman_mend_plan
    pm_reason=${pacman_lost:+"no source has ${pacman_lost#, } any more"}
    pacman_ignored='' pacman_others=''
    each_line pacman_bar "$barred"
    # shellcheck disable=SC2086 # files, names
    if [ -n "$pacman_files" ] && [ -z "$pm_reason" ] && pacman_ask -U $pacman_files; then pacman_others=$_answer; fi
    # shellcheck disable=SC2086 # names
    if [ -n "$pacman_names" ] && [ -z "$pm_reason" ] && pacman_ask -S $pacman_names; then pacman_others=$pacman_others$NL$_answer; fi
    scan_error=$pm_reason scan_pending=''
    each_line pacman_mend_other "$pacman_others"
}

# name|version
pacman_mend_other() {
    case $NL$scan_broken in *"$NL$1|script-failed"*) return 0 ;; esac
    _old=$(pacman -Q -- "${1%%|*}" 2>/dev/null)
    scan_pending="$scan_pending${1%%|*}|${_old##* }|${1#*|}|no|$NL"
}
