# Packages, whichever manager the host has: who holds it, what the policy takes of what is pending, what changed.
# What differs between managers is in apt.sh, dnf.sh, zypper.sh, pacman.sh and apk.sh, one interface ($pm is the prefix):
#
#   <pm>_setup               environment in which nothing can ask
#   <pm>_locked              true if another process holds the manager; sets lock_holder ("name (pid 12)")
#   <pm>_lists_age           sets lists_age, in seconds
#   <pm>_refresh LOCK_WAIT   fetches lists; sets lists_news to '' if they are as before; false with pm_reason
#   <pm>_scan [MODE [NAME…]] asks the resolver: upgrade (default), full (removals allowed), autoremove, install, remove, purge.
#                            Sets scan_error (why there is no answer) and, one record per line,
#                              scan_pending  name|old|new|security (yes, no)|advisory ids; old is empty for a new dependency
#                              scan_removes  name|old
#                              scan_held     name|old|new|security|reason[|detail]
#                              scan_holds    name|old: holds, with an update to hold back or not
#                              scan_broken   name|version|state
#                              scan_replaces name|old name|old version: what would come new and take the place of another, in
#                                            mode full; a new dependency that nothing of the policy is asked about is none
#                            and scan_mend, what <pm>_mend would do: empty if there is nothing to mend
#   <pm>_closure             what installing exactly $targets does while $barred stay as they are, $scope and $allow_removals
#                            given: sets chosen (as scan_pending) and scan_removes; scan_error if nobody can tell
#   <pm>_upgrade LOCK_WAIT   does what closure said, or all that is pending if $everything is 1; false with pm_reason
#   <pm>_mend LOCK_WAIT      finishes what was interrupted; false with pm_reason. <pm>_mending is in guard.sh
#   <pm>_autoremove LOCK_WAIT, <pm>_install LOCK_WAIT NAME…, <pm>_remove LOCK_WAIT NAME… ($purge is 1: configuration, too)
#   <pm>_versions            prints name|version|state per package, state `installed` if all is well
# and, where the manager can: <pm>_security_ready (false with pm_reason: it cannot tell security updates), <pm>_leftovers
# (findings conffile:PATH), and for rolling back <pm>_undo_scan SINCE (sets undo_error and undo_changes, as scan_pending from
# now to before; SINCE is a local time, or empty for the last transaction) and <pm>_undo LOCK_WAIT. Those that use pm_run have <pm>_telling, <pm>_lost_lock, <pm>_explain, see there.

# pm_here: sets pm (prefix of the functions) and pm_low (what keeps the records). False, having said so, where there is none.
pm_here() {
    pm=$pkg pm_low=rpm
    case $pkg in
    none) failed "no package manager found"; return 1 ;;
    yum) pm=dnf ;;
    apt) pm_low=dpkg ;;
    pacman | apk) pm_low=$pkg ;;
    esac
    pm_can scan && return 0
    # Its library stays at home where the inventory's os speaks of another manager.
    failed "package manager $pkg is not known here: is the host's os right in the inventory?"
    return 1
}

# pm_can WORD: whether the manager's library has that function.
pm_can() { command -v "${pm}_$1" >/dev/null 2>&1; }

# ------------------------------------------------------------------------------------------------------ running

# pm_wait SECONDS: wait until nobody holds a lock; false, with pm_reason, when it takes longer. pm_waited counts.
pm_wait() {
    while "${pm}_locked"; do
        if [ "$pm_waited" -ge "$1" ]; then
            pm_reason="$pm_low lock held by $lock_holder for ${pm_waited} s"
            return 1
        fi
        [ "$pm_waited" -gt 0 ] || echo "waiting for $lock_holder, which holds the $pm_low lock (up to $1 s)"
        sleep 1
        pm_waited=$((pm_waited + 1))
    done
}

# pm_run LOCK_WAIT COMMAND…: run it, its output going straight to the step's; again if somebody took the lock first.
# pm_status is its status, pm_said what <pm>_telling, a filter, left of its output. False, with pm_reason, when it
# fails: <pm>_lost_lock is true if pm_said says that somebody else has the lock, <pm>_explain COMMAND sets pm_reason.
pm_run() {
    _limit=$1 pm_waited=0 pm_reason='' pm_said='' pm_status=''
    shift
    while :; do
        pm_wait "$_limit" || return 1
        output_mark
        "$@" 2>&1
        pm_status=$?
        pm_said=$(output_since | "${pm}_telling" | tail -n 200)
        [ "$pm_status" != 0 ] || return 0
        if ! "${pm}_lost_lock"; then
            "${pm}_explain" "$1"
            return 1
        fi
        if [ "$pm_waited" -ge "$_limit" ]; then
            "${pm}_locked" || lock_holder='another process'
            pm_reason="$pm_low lock held by $lock_holder for ${pm_waited} s"
            return 1
        fi
        sleep 1
        pm_waited=$((pm_waited + 1))
    done
}

# pm_no_room FOLDER…: some tools name anything but the disk that is full or read-only. Sets pm_reason anew if one of these is
# on such a disk.
pm_no_room() {
    _at=$(df -Pk "$@" 2>/dev/null | awk 'NR > 1 && $4 < 64 { print $6; exit }')
    if [ -n "$_at" ]; then
        pm_reason="disk full in $_at ($pm_reason)"
    elif [ "${my_uid:-$(id -u)}" = 0 ]; then
        for _at do
            if [ -d "$_at" ] && [ ! -w "$_at" ]; then pm_reason="read-only file system: $_at ($pm_reason)"; break; fi
        done
    fi
}

# pm_clock TEXT: sets REPLY to it, and asks where a clock that is off is the commonest reason, and never the one that is named.
pm_clock() {
    REPLY=$1
    case $1 in
    *"not valid yet"* | *"not yet valid"* | *"not been activated yet"* | *"is expired"* | *"ertificate"*"expired"* | *"NotAfter"* | *"NotBefore"* | *"Curl error (60)"*)
        REPLY="$1 (is this host's clock right? it says $(date -u '+%Y-%m-%d %H:%M UTC'))" ;;
    esac
}

# pm_name_holder PID: sets lock_pid and lock_holder.
pm_name_holder() {
    lock_pid=$1 _comm=unknown
    [ ! -r "/proc/$1/comm" ] || read -r _comm <"/proc/$1/comm"
    lock_holder="$_comm (pid $1)"
}

# pm_posix_lock FILE…: true if another process holds an fcntl lock on one of them, which flock(1) does not see (or with
# pm_lock_type=FLOCK one of flock's); /proc/locks knows them by inode. Sets lock_pid and lock_holder.
pm_posix_lock() {
    lock_pid='' lock_holder=''
    [ -r /proc/locks ] || return 1
    _inodes=''
    while read -r _n _type _adv _mode _pid _node _; do
        if [ "$_type" != "${pm_lock_type:-POSIX}" ] || [ "$_mode" != WRITE ] || [ "$_pid" -le 0 ] 2>/dev/null; then continue; fi
        if [ -z "$_inodes" ]; then
            # shellcheck disable=SC2012 # fixed names; stat is no part of POSIX
            _inodes=$(ls -i "$@" 2>/dev/null)
            _inodes="$NL$_inodes$NL"
        fi
        case $_inodes in
        *"${NL}${_node##*:} "* | *" ${_node##*:} "*) pm_name_holder "$_pid"; return 0 ;;
        esac
    done </proc/locks
    return 1
}

# pm_full_disks: sets _full to " in /boot" if that file system, or another that an upgrade writes to, has no room.
pm_full_disks() {
    _full=$(df -P / /boot /usr /var /var/cache /tmp 2>/dev/null |
        awk 'NR > 1 && $5 + 0 >= 99 && !said[$6]++ { list = list " and " $6 } END { print substr(list, 6) }')
    _full=${_full:+" in $_full"}
}

# ------------------------------------------------------------------------------------------------------ changes

# pm_changed BEFORE AFTER: `changed` for each difference between two outputs of <pm>_versions. A name may have several
# versions, as kernels do.
pm_changed() {
    if [ -n "$1" ] && [ -z "$2" ]; then
        failed "the package database cannot be read any more, so nobody can tell what changed"
        return 0
    fi
    _diff=$(printf '%s\n--\n%s\n' "$1" "$2" | awk -F'|' '
        $0 == "--" { second = 1; next }
        NF < 3 || $3 == "config-files" || $3 == "not-installed" { next }
        !second { was[$1] = was[$1] "\n" $2 "|" $3; before[$0] = 1; last[$1] = $2; next }
        { after[$0] = 1; now[$1] = now[$1] "\n" $2 "|" $3 }
        !($0 in before) { came[$1] = came[$1] "\n" $2 "|" $3 }
        END {
            for (name in was) {
                n = split(substr(was[name], 2), each, "\n")
                for (i = 1; i <= n; i++) if (!((name "|" each[i]) in after)) went[name] = each[i]
            }
            for (name in came) {
                old = last[name]
                # Of several, as of kernels, the oldest may go when one comes: the new one follows the newest.
                if (name in went && split(was[name], each, "\n") == 2) { old = went[name]; sub(/\|.*/, "", old) }
                n = split(substr(came[name], 2), each, "\n")
                for (i = 1; i <= n; i++) print name "|" old "|" each[i]
            }
            for (name in went) if (!(name in came)) { old = went[name]; sub(/\|.*/, "", old); print name "|" old "||removed" }
        }' | sort)
    each_line pm_changed_line "$_diff"
}

pm_changed_line() {
    pm_fields "$1"
    _state=$_sec _sec=no
    case " $pm_security " in *" ${_name%%:*} "*) _sec=yes ;; esac
    [ "$_state" != installed ] || _state=
    case " $pm_unfinished " in *" $_name "*) _state=script-failed ;; esac
    pm_advisories "$_name"
    changed "$_name" "old=$_old" "new=$_new" "security=$_sec" ${_state:+"state=$_state"} ${_ids:+"advisories=$_ids"}
}
# pm_unfinished: names whose script failed, from a manager that keeps no record of that.
pm_security='' pm_advised='' pm_unfinished=''

# name|old|new|security|more into _name _old _new _sec _more
pm_fields() {
    _name=${1%%|*} _r=${1#*|}
    _old=${_r%%|*} _r=${_r#*|}
    _new=${_r%%|*} _r=${_r#*|}
    _sec=${_r%%|*}
    case $_r in *"|"*) _more=${_r#*|} ;; *) _more='' ;; esac
}

# pm_advisories NAME: sets _ids to the advisories that were known when its update was pending.
pm_advisories() {
    _ids=''
    case $NL$pm_advised in *"$NL$1|"*) _ids=${pm_advised#*"$1|"} _ids=${_ids%%"$NL"*} ;; esac
}

# The names in a list of name|… lines, in one line.
pm_names() {
    _names=''
    each_line pm_name "$1"
    printf '%s' "${_names#, }"
}
pm_name() { _names="$_names, ${1%%|*}"; }
