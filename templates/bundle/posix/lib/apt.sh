# apt and dpkg: who holds them, how to run them so that nothing can ask, why they failed.

APT_QUIET='-q -y -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o Acquire::Retries=3'
APT_SIMULATE='-s -q -V -o Debug::NoLocking=true'

# Nobody sits at the terminal: no question may be asked, and Use-Pty=0 leaves maintainer scripts no terminal
# to ask it on. $1: what needrestart does, l (only list) or a (restart services by itself).
apt_setup() {
    DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical DEBCONF_NONINTERACTIVE_SEEN=true
    APT_LISTCHANGES_FRONTEND=none APT_LISTBUGS_FRONTEND=none UCF_FORCE_CONFFOLD=1 NEEDRESTART_MODE=${1:-l}
    export DEBIAN_FRONTEND DEBIAN_PRIORITY DEBCONF_NONINTERACTIVE_SEEN
    export APT_LISTCHANGES_FRONTEND APT_LISTBUGS_FRONTEND UCF_FORCE_CONFFOLD NEEDRESTART_MODE
}

# True on a host with apt; else it has said why not.
apt_here() {
    [ "$pkg" = apt ] && return 0
    if [ "$pkg" = none ]; then
        failed "no package manager found"
    else
        failed "package manager $pkg is not supported by this version"
    fi
    return 1
}

# Sets lock_pid and lock_holder ("unattended-upgr (pid 123)") and is true if another process holds a lock of
# dpkg or apt. These are fcntl locks, which flock(1) does not see; /proc/locks knows them by inode.
apt_locked() {
    lock_pid='' lock_holder=''
    [ -r /proc/locks ] || return 1
    _inodes=''
    while read -r _n _type _adv _mode _pid _node _; do
        if [ "$_type" != POSIX ] || [ "$_mode" != WRITE ] || [ "$_pid" -le 0 ] 2>/dev/null; then continue; fi
        if [ -z "$_inodes" ]; then
            # shellcheck disable=SC2012 # fixed names; stat is no part of POSIX
            _inodes=$(ls -i /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock \
                /var/cache/apt/archives/lock 2>/dev/null)
            _inodes="$NL$_inodes$NL"
        fi
        case $_inodes in
        *"${NL}${_node##*:} "* | *" ${_node##*:} "*) apt_name_holder "$_pid"; return 0 ;;
        esac
    done </proc/locks
    return 1
}

apt_name_holder() {
    lock_pid=$1 _comm=unknown
    [ ! -r "/proc/$1/comm" ] || read -r _comm <"/proc/$1/comm"
    lock_holder="$_comm (pid $1)"
}

# apt_wait SECONDS: wait until nobody holds a lock; false, with the reason in apt_reason, when it takes longer.
apt_wait() {
    while apt_locked; do
        if [ "$apt_waited" -ge "$1" ]; then
            apt_reason="dpkg lock held by $lock_holder for ${apt_waited} s"
            return 1
        fi
        [ "$apt_waited" -gt 0 ] || echo "waiting for $lock_holder, which holds the dpkg lock (up to $1 s)"
        sleep 1
        apt_waited=$((apt_waited + 1))
    done
}

# apt_run LOCK_WAIT COMMAND…: run it, its output going straight to the step's; again if somebody took the lock
# first. False, with the reason in apt_reason, when it fails.
apt_run() {
    _limit=$1 apt_waited=0 apt_reason=''
    shift
    while :; do
        apt_wait "$_limit" || return 1
        output_mark
        "$@" 2>&1
        apt_status=$?
        apt_said=$(output_since | awk "$APT_TELLING" | tail -n 200)
        [ "$apt_status" != 0 ] || return 0
        case $apt_said in
        *"Could not open lock file"*) ;;
        *"Could not get lock"* | *"nable to lock"* | *"nable to acquire the dpkg"* | *"lock was locked by another process"*)
            if [ "$apt_waited" -lt "$_limit" ]; then
                sleep 1
                apt_waited=$((apt_waited + 1))
                continue
            fi
            apt_locked || lock_holder='another process'
            apt_reason="dpkg lock held by $lock_holder for ${apt_waited} s"
            return 1
            ;;
        esac
        apt_explain "$1"
        return 1
    done
}

# The lines that may hold the reason, and before "error processing" what the maintainer script said last.
APT_TELLING='
/^dpkg: error processing/ && last != "" { print "~" last }
/^(E|W|Err|Ign):|^dpkg: |^ (installed|new|old|subprocess|cannot|unable|trying|failed|package) |No space left|Read-only file|enough free space/ { print }
{ last = $0 }'

# The reason of a failure in one line, the most telling message first; from apt_said.
apt_explain() {
    apt_reason='' _package='' _error='' _follow='' _before=''
    each_line apt_explain_line "$apt_said"
    [ -z "$_package" ] || apt_reason="package $_package: ${_follow:-failed}${_before:+ ($_before)}"
    [ -z "$_space" ] || apt_reason=$_space
    apt_reason=${apt_reason:-${_error:-"$1 ended with status $apt_status"}}
    _space=''
}
_space=''

apt_explain_line() {
    case $1 in
    *"No space left on device"*) _space="disk full: ${1#E: }" ;;
    *"Read-only file system"*) _space="read-only file system: ${1#E: }" ;;
    *"enough free space in"*) _space="not enough disk space in ${1##*free space in }" ;;
    "~"*) [ -n "$_package" ] || _before=${1#"~"} ;;
    "dpkg: error processing "*)
        [ -z "$_package" ] || return 0
        _package=${1#dpkg: error processing }
        _package=${_package#package }
        _package=${_package#archive }
        _package=${_package%% (*}
        ;;
    " "*) [ -z "$_package" ] || [ -n "$_follow" ] || _follow=${1# } ;;
    "E: Sub-process "*) [ -n "$_error" ] || _error=${1#E: } ;;
    "E: "*) case $_error in '' | "Sub-process "*) _error=${1#E: } ;; esac ;;
    esac
}

# apt_versions: one line per package, for comparing: name, version, state.
apt_versions() {
    # shellcheck disable=SC2016 # dpkg-query's own variables
    dpkg-query -W -f '${binary:Package}|${Version}|${db:Status-Status}\n' 2>/dev/null
}

# apt_changed BEFORE AFTER: `changed` for each difference between two outputs of apt_versions.
apt_changed() {
    _diff=$(printf '%s\n--\n%s\n' "$1" "$2" | awk -F'|' '
        $0 == "--" { second = 1; next }
        !second { old[$1] = $2; was[$1] = $3; next }
        { seen[$1] = 1 }
        $3 == "config-files" || $3 == "not-installed" { if (was[$1] == "installed") print $1 "|" old[$1] "||removed"; next }
        was[$1] == "config-files" || was[$1] == "not-installed" { old[$1] = "" }
        old[$1] != $2 || was[$1] != $3 { print $1 "|" old[$1] "|" $2 "|" $3 }
        END { for (name in old) if (!(name in seen) && was[name] == "installed") print name "|" old[name] "||removed" }
    ' | sort)
    each_line apt_changed_line "$_diff"
}

apt_changed_line() {
    _name=${1%%|*} _r=${1#*|}
    _old=${_r%%|*} _r=${_r#*|}
    _new=${_r%%|*} _state=${_r#*|}
    _sec=no
    case " $apt_security " in *" ${_name%%:*} "*) _sec=yes ;; esac
    [ "$_state" != installed ] || _state=
    changed "$_name" "old=$_old" "new=$_new" "security=$_sec" ${_state:+"state=$_state"}
}
apt_security=''

# Sets lists_age: seconds since the package lists were last refreshed.
apt_lists_age() {
    _stamp=0 _now=$(date +%s)
    for _f in /var/lib/apt/periodic/update-success-stamp /var/lib/apt/periodic/update-stamp /var/lib/apt/lists/partial; do
        [ -e "$_f" ] || continue
        # The folder counts only where no stamp does: a refresh that failed touches it, too.
        [ "$_stamp" = 0 ] || [ "$_f" != /var/lib/apt/lists/partial ] || break
        _s=$(date -r "$_f" +%s 2>/dev/null) || continue
        [ "$_s" -le "$_stamp" ] || _stamp=$_s
    done
    lists_age=$((_now - _stamp))
    [ "$lists_age" -ge 0 ] || lists_age=0
}
