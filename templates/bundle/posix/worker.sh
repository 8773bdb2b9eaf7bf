# The worker: runs detached in a session of its own, with its output in the spool folder ($1); process $2, if given,
# is woken by USR1 to send it on; $3 is our user id, if known. Set before this text: RS, US, NL, CR (control characters), N (nonce), CHECK (1 in check mode), FIRST (index of the first step), RUN_LIMIT and LOCK_WAIT (seconds),
# EXCLUSIVE (1 if the host must be ours alone), OWNER (who we are, for others who find the host locked),
# MAX_OUTPUT (bytes), KEPT (what steps before a reboot kept, NAME=VALUE in lines). After it: one body_<n>, and guard_<n> where needed, per step; then the list of steps.

spool=$1
exec 8>&1 </dev/null
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
LANG=C
TERM=dumb
export PATH LC_ALL LANG TERM
unset CDPATH ENV BASH_ENV
umask 022
cd /

# frame VERB FIELD…: one framed statement for the controller.
frame() {
    _line=$RS$N
    for _a do
        case $_a in
        *[%"$US$RS$NL$CR"]*) escape "$_a"; _a=$REPLY ;;
        esac
        _line=$_line$US$_a
    done
    printf '%s\n' "$_line" >&8
}

escape() {
    replace "$1" % %25
    replace "$REPLY" "$NL" %0A
    replace "$REPLY" "$CR" %0D
    replace "$REPLY" "$US" %1F
    replace "$REPLY" "$RS" %1E
}

replace() {
    REPLY=
    _rest=$1
    while :; do
        case $_rest in
        *"$2"*)
            REPLY=$REPLY${_rest%%"$2"*}$3
            _rest=${_rest#*"$2"}
            ;;
        *)
            REPLY=$REPLY$_rest
            return
            ;;
        esac
    done
}

uptime_now() {
    UP=0
    [ ! -r /proc/uptime ] || read -r UP _rest </proc/uptime
}

# What a step may say. Verdicts of a check: ok, needed, unknown, skipped, held_back, failed.
ok() { verdict ok "${1-}"; }
needed() {
    verdict needed "${1-}"
    _needs="${_needs}${1-}$NL"
    if [ "$CHECK" = 1 ] && [ "$phase" = before ]; then frame R change "$@"; fi
}
unknown() { verdict unknown "${1-}"; }
skipped() { verdict skipped "${1-}"; }
held_back() { verdict held "${1-}"; }
failed() { verdict failed "${1-}"; }
verdict() {
    [ "$_verdict" != failed ] || return 0
    if [ "$1" = "$_verdict" ]; then
        [ -n "$_why" ] || _why=$2
        return 0
    fi
    case $1:$_verdict in
    failed:* | *: | needed:ok | needed:unknown | unknown:ok) _verdict=$1 _why=$2 ;;
    esac
}

# changed WHAT [NAME=VALUE…]: something on the host is not as it was.
changed() {
    _said=1
    frame R change "$@"
}
fact() { frame R fact "$@"; }
metric() { frame R metric "$@"; }
finding() { frame R finding "$@"; }
held() { frame R held "$@"; }
note() { frame R note "$@"; }

# keep NAME VALUE: for a later step of this run, which asks by `kept`, also after a reboot. VALUE becomes one line.
keep() {
    replace "$2" "$NL" ' '
    printf '%s=%s\n' "$1" "$REPLY" >>"$spool/kept"
    frame R kept "$1" "$REPLY"
}

# kept NAME: sets REPLY to what was kept last under this name; false if nothing was.
kept() {
    REPLY='' _missing=1
    [ -r "$spool/kept" ] || return 1
    while IFS= read -r _line; do
        case $_line in "$1="*) REPLY=${_line#*=} _missing=0 ;; esac
    done <"$spool/kept"
    return $_missing
}

# each_line FUNCTION TEXT: call FUNCTION with each line of TEXT; no subshell, no temporary file.
each_line() {
    _ifs=$IFS
    IFS=$NL
    set -f
    for _each in $2; do
        IFS=$_ifs
        set +f
        "$1" "$_each"
    done
    IFS=$_ifs
    set +f
}

base_facts() {
    os_id=unknown os_version=unknown os_like='' os_name=unknown
    if [ -r /etc/os-release ]; then
        while IFS='=' read -r _k _v; do
            case $_v in \"*\") _v=${_v#\"}; _v=${_v%\"} ;; esac
            case $_k in
            ID) os_id=$_v ;;
            VERSION_ID) os_version=$_v ;;
            ID_LIKE) os_like=$_v ;;
            PRETTY_NAME) os_name=$_v ;;
            esac
        done </etc/os-release
    fi
    os_family=$os_id
    case " $os_id $os_like " in
    *" debian "*) os_family=debian ;;
    *" rhel "* | *" fedora "*) os_family=redhat ;;
    *" suse "* | *" opensuse "*) os_family=suse ;;
    *" arch "*) os_family=arch ;;
    *" alpine "*) os_family=alpine ;;
    esac
    pkg=none
    for _p in apt-get dnf yum zypper pacman apk; do
        if command -v "$_p" >/dev/null 2>&1; then
            pkg=$_p
            break
        fi
    done
    [ "$pkg" != apt-get ] || pkg=apt
    init=other
    [ ! -d /run/systemd/system ] || init=systemd
}

# The two halves of a step, inside its subshell. The exit statuses 90 to 96 tell the worker the verdict.
drive() {
    phase=before _verdict='' _why='' _needs='' _said=''
    check
    _rc=$?
    [ -n "$_verdict" ] || failed "the check gave no verdict (status $_rc)"
    case $_verdict in
    ok) end_step ok no-change 90 ;;
    skipped) end_step skipped no-change 93 ;;
    held) end_step held no-change 94 ;;
    failed) end_step failed unknown 92 ;;
    esac
    if [ "$CHECK" = 1 ]; then
        [ "$_verdict" = needed ] || end_step skipped unknown 96
        end_step changed change 95
    fi
    drive_apply
}

drive_apply() {
    phase=apply
    _was=$_verdict _wanted=$_why _todo=$_needs
    _verdict='' _why=''
    apply
    _rc=$?
    [ "$_rc" = 0 ] || failed "apply ended with status $_rc"
    case $_verdict in
    failed) end_step failed '' 92 ;;
    held) end_step held '' 94 ;;
    skipped) end_step skipped '' 93 ;;
    ok) [ -n "$_said" ] || end_step ok '' 90 ;;
    esac
    _result=$_why
    if [ "$VERIFY" = 1 ]; then
        phase=after _verdict='' _why=''
        frame C
        check
        case $_verdict in
        failed) end_step failed '' 92 ;;
        needed) failed "still needed after the change: $_why"; end_step failed '' 92 ;;
        '') failed "the check gave no verdict after the change"; end_step failed '' 92 ;;
        esac
    fi
    [ -n "$_said" ] || each_line changed "$_todo"
    _why=${_result:-$_wanted}
    end_step changed '' 91
}

end_step() {
    uptime_now
    frame E "$STEP" "$1" "$_why" "$UP" "$2"
    exit "$3"
}

# look_ahead FIRST LAST: steps that only look, and find all well, need no shell of their own. One shell looks at them
# in turn and stops at the first that is not plainly ok; `looked` is that one's index. It is done again by itself:
# nothing is changed, failed or skipped by a look.
look_ahead() {
    (
        set -u
        phase=look
        see "$1" "$2"
        uptime_now
        _i=$1
        while [ "$_i" -le "$2" ]; do
            look "$_i"
            _i=$((_i + 1))
        done
        exit 90
    ) 9>&- </dev/null
    if [ $? = 90 ]; then looked=$(($2 + 1)); else read -r looked _rest <"$spool/step" || looked=$1; fi
}

# see FIRST LAST: one program asks for the attributes of all paths that these steps look at; `attributes` finds them in
# `seen`, a line each. While steps only look, nothing of ours changes them.
see() {
    seen='' _paths='' _i=$1
    while [ "$_i" -le "$2" ]; do
        terms "$_i"
        _paths="$_paths $paths"
        _i=$((_i + 1))
    done
    # shellcheck disable=SC2086 # paths of plain characters
    set -- $_paths
    [ $# -lt 2 ] || seen=$NL$(stat -c "%a$US%u$US%g$US%s$US%n" -- "$@" 2>/dev/null)$NL
}

look() {
    STEP=$1
    terms "$1"
    printf '%s %s %s\n' "$1" "$limit" "$soft" >"$spool/step"
    [ ! -e "$spool/stop" ] || exit 91
    frame S "$1" "$UP"
    _why=''
    "guard_$1" || exit 91
    "body_$1"
    _verdict='' _why='' _needs=''
    check || exit 91
    [ "$_verdict" = ok ] || exit 91
    eval "status_$1=ok"
    uptime_now
    frame E "$1" ok "$_why" "$UP" no-change
}

# step INDEX TIMEOUT ON_FAILURE VERIFY INTERRUPTIBLE LAST: run one step of the list; up to LAST all may look together.
step() {
    STEP=$1 VERIFY=$4
    [ "$1" -ge "$FIRST" ] || return 0
    # After a change the next step likely has one to make, too, and a look would be in vain.
    if [ "$6" -gt "$1" ] && [ "$1" -ge "$looked" ] && [ -z "$stopped" ] && [ "$_status" != changed ]; then
        look_ahead "$1" "$6"
    fi
    if [ "$1" -lt "$looked" ]; then
        eval "status_$1=ok"
        return 0
    fi
    looked=$(($1 + 1))
    [ -n "$stopped" ] || [ ! -e "$spool/stop" ] || stopped=cancelled
    if [ -n "$stopped" ]; then
        uptime_now
        frame S "$1" "$UP"
        frame E "$1" skipped "not reached: $stopped" "$UP" ''
        return 0
    fi
    uptime_now
    printf '%s %s %s\n' "$1" "$2" "$5" >"$spool/step"
    frame S "$1" "$UP"
    _why=
    if ! "guard_$1"; then
        frame E "$1" skipped "condition not met${_why:+: $_why}" "$UP" no-change
        eval "status_$1=skipped"
        return 0
    fi
    if [ "$EXCLUSIVE" = 1 ] && [ -z "$locked" ]; then
        lock_host
        locked=1
        [ "$_waited" = 0 ] || printf '%s %s %s\n' "$1" "$2" "$5" >"$spool/step"
    fi
    (
        set -u
        "body_$1"
        drive
    ) 9>&- </dev/null
    _rc=$?
    case $_rc in
    90) _status=ok ;;
    91 | 95) _status=changed ;;
    93 | 96) _status=skipped ;;
    94) _status=held ;;
    92) _status=failed ;;
    *)
        _status=failed
        uptime_now
        frame E "$1" failed "the step's shell ended with status $_rc" "$UP" ''
        ;;
    esac
    eval "status_$1=$_status"
    if [ "$_status" = failed ]; then
        any_failed=1
        [ "$3" = continue ] || stopped="step $(($1 + 1)) failed"
    fi
}

# reboot_barrier INDEX: after a reboot step that found a reboot due, the rest waits for the host to be back.
reboot_barrier() {
    [ "$1" -ge "$FIRST" ] || return 0
    [ -z "$stopped" ] || return 0
    eval "_status=\${status_$1-}"
    if [ "$_status" = changed ] && [ "$CHECK" != 1 ]; then
        frame Z reboot "$1"
        leave
    fi
}

# Meanwhile there is no step to the watchdog: the wait is no time of the one that waits.
lock_host() {
    lock=/run/mspctl.lock
    [ -w /run ] || lock=/var/tmp/mspctl-$(id -u).lock
    if ! command -v flock >/dev/null 2>&1; then
        lock_host_by_folder
        return
    fi
    exec 9>>"$lock"
    _waited=0
    until flock -n 9; do
        if [ "$_waited" -ge "$LOCK_WAIT" ] || [ -e "$spool/stop" ]; then locked_out "$lock"; fi
        printf '%s\n' '-1 0 1' >"$spool/step"
        sleep 1
        _waited=$((_waited + 1))
    done
    printf '%s\n' "$OWNER" >"$lock"
}

lock_host_by_folder() {
    _waited=0
    until mkdir "$lock.d" 2>/dev/null; do
        _holder=0
        [ ! -r "$lock.d/pid" ] || read -r _holder <"$lock.d/pid"
        if [ "$_holder" != 0 ] && ! kill -0 "$_holder" 2>/dev/null; then
            rm -rf "$lock.d"
            continue
        fi
        if [ "$_waited" -ge "$LOCK_WAIT" ] || [ -e "$spool/stop" ]; then locked_out "$lock.d/owner"; fi
        printf '%s\n' '-1 0 1' >"$spool/step"
        sleep 1
        _waited=$((_waited + 1))
    done
    printf '%s\n' "$$" >"$lock.d/pid"
    printf '%s\n' "$OWNER" >"$lock.d/owner"
    unlock="rm -rf $lock.d"
}

locked_out() {
    _owner=somebody
    [ ! -r "$1" ] || read -r _owner <"$1"
    frame Z locked "$_owner"
    leave
}

# The watchdog makes the deadlines fire even when nobody is connected. It counts its own seconds: the host's
# clock may jump. While the program that started the worker is there, it is woken to send on what there is.
watchdog() {
    trap '' TERM
    _last='' _n=0 _total=0
    while sleep 1 8>&-; do
        kill -0 $$ 2>/dev/null || exit 0
        wake_follower
        _total=$((_total + 1))
        _idx=-1 _limit=0 _soft=1
        [ ! -r "$spool/step" ] || read -r _idx _limit _soft <"$spool/step"
        if [ "$_idx" = "$_last" ]; then _n=$((_n + 1)); else _last=$_idx _n=0; fi
        _size=$(wc -c <"$spool/out")
        if [ -e "$spool/stop" ] && [ "$_soft" = 1 ]; then end_all cancelled "stopped on request"; fi
        [ "$_size" -le "$MAX_OUTPUT" ] || end_all max-output "printed more than $MAX_OUTPUT bytes" KILL
        [ "$_total" -lt "$RUN_LIMIT" ] || end_all run-timeout "the run's time limit of $RUN_LIMIT s was reached"
        if [ "$_idx" -ge 0 ] && [ "$_n" -ge "$_limit" ]; then
            end_all step-timeout "the step's time limit of $_limit s was reached"
        fi
    done
}

# Only the parent that we began with: its number may be another's by now.
wake_follower() {
    [ "$follower" != 1 ] || return 0
    _stat=
    [ ! -r /proc/$$/stat ] || read -r _stat </proc/$$/stat
    _stat=${_stat##*) }
    # shellcheck disable=SC2086 # the fields of /proc/PID/stat: state ppid
    set -- $_stat
    if [ "${2-}" = "$follower" ]; then kill -USR1 "$follower" 2>/dev/null; else follower=1; fi
}

# end_all REASON DETAIL [SIGNAL]: ends everything in the worker's session but this watchdog. It says so before the worker
# goes, as the reader stops with it, and after who prints without end has got the signal: the last word must stand last.
end_all() {
    kill -STOP $$ 2>/dev/null
    session_signal "${3:-TERM}"
    uptime_now
    [ "$_idx" -lt 0 ] || frame E "$_idx" failed "$2" "$UP" ''
    frame Z "$1" "$_idx" "$2"
    kill -KILL $$ 2>/dev/null
    for _i in 1 2 3 4 5; do
        sleep 1
        session_signal 0 || break
    done
    session_signal KILL
    exit 0
}

# session_signal SIGNAL: to every process of the worker's session but the worker and this watchdog; true if any.
session_signal() {
    _any=1
    for _p in /proc/[0-9]*; do
        _stat=
        [ -r "$_p/stat" ] && read -r _stat 2>/dev/null <"$_p/stat" || continue
        _stat=${_stat##*) }
        # shellcheck disable=SC2086 # the fields of /proc/PID/stat: state ppid pgrp session
        set -- "$1" $_stat
        [ "${5-}" = $$ ] || continue
        _victim=${_p#/proc/}
        if [ "$_victim" = $$ ] || [ "$_victim" = "$dog" ] || [ "$3" = "$dog" ]; then continue; fi
        [ "$2" != Z ] || continue
        kill "-$1" "$_victim" 2>/dev/null && _any=0
    done
    return $_any
}

# After a stop nobody may come back for the output: the folder goes by itself.
leave() {
    [ -z "$unlock" ] || $unlock
    if [ -e "$spool/stop" ]; then
        (sleep 30; rm -rf "$spool") 8>&- 9>&- >/dev/null 2>&1 &
    fi
    kill -KILL "$dog" 2>/dev/null
    exit 0
}

unlock='' locked='' looked=0 seen='' _status='' stopped='' any_failed='' dog=
follower=${2-1} my_uid=${3-}
base_facts
uptime_now
[ -z "$KEPT" ] || printf '%s' "$KEPT" >"$spool/kept"
(
    read -r dog _rest </proc/self/stat
    watchdog
) 9>&- >/dev/null 2>&1 &
dog=$!
frame B "$FIRST" "$UP" "$os_id" "$os_version" "$pkg" "$init"
