# pacman: who holds it, what it would do, how to run it so that nothing can ask, why it failed.
#
# It keeps no record of a script that failed (pacmannotes.sh does) and ends with 0 after one; its lock is a mere file; and it does all or nothing.
# What is not updated with the rest is a partial upgrade, which Arch does not support: a rule makes one, as IgnorePkg does.

PACMAN_DB=/var/lib/pacman

pacman_setup() { :; }

# The lock is a file that whoever works keeps open. One that nobody has open is left over from somebody who died.
pacman_locked() {
    lock_pid='' lock_holder=''
    [ -e "$PACMAN_DB/db.lck" ] || return 1
    # shellcheck disable=SC2012 # fixed names; readlink is no part of POSIX
    _pid=$(ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v lock="$PACMAN_DB/db.lck" '
        /^\/proc\/[0-9]+\/fd:/ { split($0, part, "/"); pid = part[3] }
        $NF == lock { print pid; exit }')
    [ -n "$_pid" ] || return 1
    pm_name_holder "$_pid"
}

# ------------------------------------------------------------------------------------------------------ questions

pacman_scan() {
    scan_error='' scan_pending='' scan_removes='' scan_held='' scan_broken='' scan_holds='' scan_mend='' scan_replaces=''
    pacman_ignored='' pacman_kept='' pacman_newer='' pacman_victims='' pm_reason=''
    _mode=${1:-upgrade}
    [ $# = 0 ] || shift
    if [ -e "$PACMAN_DB/db.lck" ] && ! pacman_locked; then
        scan_broken="db.lck||a lock that nobody holds$NL" scan_mend="remove $PACMAN_DB/db.lck"
    fi
    case $_mode in
    upgrade | full) pacman_scan_updates; pacman_unfinished ;;
    autoremove) pacman_scan_unneeded ;;
    install) ! pacman_ask -S --needed "$@" || pacman_records ;;
    *) ! pacman_ask -Rc "$@" || scan_removes=$_answer ;;
    esac
    scan_error=$pm_reason
}

# pacman_ask OPTION…: what that would do, name|version per line, in _answer; else pacman_text is what it says instead. The lock,
# which whoever is at work holds, is not needed for a question.
pacman_ask() {
    pacman_text=$(pacman --print --print-format '%n|%v' --noconfirm ${pacman_ignored:+"--ignore=$pacman_ignored"} "$@" 2>&1)
    pm_status=$?
    if [ "$pm_status" = 0 ]; then
        pm_reason='' _answer=$(printf '%s\n' "$pacman_text" | grep '^[^ :|]*|[^ |]*$')
        return 0
    fi
    pm_said=$(printf '%s\n' "$pacman_text" | pacman_telling)
    pacman_explain
    return 1
}

pacman_scan_updates() {
    pacman_newer=$(pacman -Qu 2>&1)
    case $pacman_newer in
    *"warning: database file for '"*)
        pacman_newer=${pacman_newer#*warning: database file for \'}
        pm_reason="package lists of ${pacman_newer%%\'*} were never fetched"
        return 0
        ;;
    *"error: "*) pm_status=1 pm_said=$(printf '%s\n' "$pacman_newer" | pacman_telling); pacman_explain; return 0 ;;
    esac
    pacman_holds
    pacman_solve -Su || return 0
    pacman_records
    scan_removes=$pacman_victims
}

# pacman_solve OPTION [NAME…]: pacman_ask until it is content. What cannot be had for want of something else is left out,
# as apt would do; pacman_kept says why, name|reason per line.
pacman_solve() {
    _verb=$1 _rounds=0
    shift
    while :; do
        # shellcheck disable=SC2086 # options
        if pacman_ask $_verb "$@"; then
            pacman_replacing && return 0
            _culprits=$_replacers
        else
            _culprits=$(printf '%s\n' "$pacman_text" | sed -n \
                -e 's/^:: unable to satisfy dependency .* required by \([^ ]*\)$/\1/p' \
                -e 's/^:: installing \([^ ]*\) ([^ ]*) breaks dependency .*/\1/p')
            each_line pacman_keep "$(printf '%s\n' "$pacman_text" | grep -E '^:: (unable|installing) ')"
        fi
        _rounds=$((_rounds + 1)) _ignored=$pacman_ignored
        # shellcheck disable=SC2086 # a list of names
        pacman_ignore $_culprits
        # Somebody who is left out already is not to blame again.
        if [ "$_ignored" = "$pacman_ignored" ] || [ "$_rounds" -gt 50 ]; then return 1; fi
        # What is named is wanted even if it is to be ignored.
        _left=''
        for _n; do case ",$pacman_ignored," in *",$_n,"*) ;; *) _left="$_left $_n" ;; esac; done
        if [ $# -gt 0 ] && [ -z "$_left" ]; then pm_reason='' _answer=''; return 0; fi
        # shellcheck disable=SC2086 # a list of names
        set -- $_left
    done
}

pacman_ignore() {
    for _n; do
        case ",$pacman_ignored," in *",$_n,"*) ;; *) pacman_ignored="$pacman_ignored${pacman_ignored:+,}$_n" ;; esac
    done
}

pacman_keep() {
    _n=${1##* }
    case $1 in ":: installing "*) _n=${1#:: installing } _n=${_n%% *} ;; esac
    pacman_kept="$pacman_kept$_n|${1#:: }$NL"
}

# What comes newly may take the place of what is there. False, with _replacers, if it would and may not.
pacman_replacing() {
    _replacers='' _new=''
    case $_verb in -Su) ;; *) return 0 ;; esac
    for _n in $_answer; do
        case $NL$pacman_newer in *"$NL${_n%%|*} "*) ;; *) _new="$_new ${_n%%|*}" ;; esac
    done
    [ -n "$_new" ] || return 0
    # shellcheck disable=SC2086 # a list of names
    _replaced=$({ pacman -Q; echo --; pacman -Si $_new; } 2>/dev/null | awk '
        $0 == "--" { part = 2; next }
        !part { version[$1] = $2; next }
        $1 == "Name" { name = $3 }
        $1 == "Version" { new = $3 }
        $1 == "Replaces" { for (i = 3; i <= NF; i++) if ($i in version) print name "|" $i "|" version[$i] "|" new }')
    [ -n "$_replaced" ] || return 0
    if [ "$_mode" = full ]; then
        pacman_victims=$(printf '%s\n' "$_replaced" | cut -d'|' -f2,3)
        scan_replaces=$(printf '%s\n' "$_replaced" | cut -d'|' -f1-3)$NL
        return 0
    fi
    _replacers=$(printf '%s\n' "$_replaced" | cut -d'|' -f1)
    each_line pacman_refuse "$_replaced"
    return 1
}

# replacer|old name|old version|replacer's version
pacman_refuse() {
    _r=${1#*|}
    pacman_victims=$pacman_victims${_r%|*}$NL
    scan_held="$scan_held${_r%|*}|${_r##*|}|no|kept-back|${1%%|*} would take its place, which is not allowed$NL"
}

# Takes up _answer, pacman_newer and pacman_kept.
pacman_records() {
    _records=$(printf '%s\n-- answer\n%s\n-- kept\n%s\n' "$pacman_newer" "$_answer" "$pacman_kept" | awk '
        /^-- / { part = $2; next }
        part == "" && $3 == "->" { order[++n] = $1; old[$1] = $2; new[$1] = $4; hold[$1] = $5 == "[ignored]"; next }
        part == "answer" && /\|/ {
            split($0, field, "|")
            done[field[1]] = 1
            print "P|" field[1] "|" old[field[1]] "|" field[2] "|no|"
        }
        part == "kept" && /\|/ { name = $0; sub(/\|.*/, "", name); why[name] = $0; sub(/^[^|]*/, "", why[name]) }
        END {
            for (i = 1; i <= n; i++) if (!(order[i] in done))
                print "K|" order[i] "|" old[order[i]] "|" new[order[i]] "|no|" (hold[order[i]] ? "hold|IgnorePkg" : "kept-back" why[order[i]])
        }')
    each_line pacman_record "$_records"
}

pacman_record() {
    case $1 in
    P*) scan_pending=$scan_pending${1#P|}$NL ;;
    K*) scan_held=$scan_held${1#K|}$NL ;;
    esac
}

# What pacman.conf keeps as it is, newer or not.
pacman_holds() {
    _names=$(sed -n 's/^[[:space:]]*IgnorePkg[[:space:]]*=//p' /etc/pacman.conf 2>/dev/null)
    [ -n "$_names" ] || return 0
    set -f
    # shellcheck disable=SC2086 # a list of names
    scan_holds=$(pacman -Q $_names 2>/dev/null | sed 's/ /|/')
    set +f
}

pacman_scan_unneeded() {
    _unneeded=$(pacman -Qdtq 2>/dev/null)
    # shellcheck disable=SC2086 # a list of names
    [ -z "$_unneeded" ] || ! pacman_ask -Rs $_unneeded || scan_removes=$_answer
}

pacman_ignored='' pacman_wish=-Su

# ------------------------------------------------------------------------------------------------------ closure

# Sets pacman_wish, which upgrade asks for, beside chosen.
pacman_closure() {
    _all=$scan_pending _were=$scan_held _mode=upgrade
    [ -z "$allow_removals" ] || _mode=full pacman_victims=''
    each_line pacman_bar "$barred"
    pacman_wish=-Su chosen='' scan_removes=$pacman_victims
    # shellcheck disable=SC2086 # a list of names
    if [ "$scope" = all ]; then pacman_solve -Su; else pacman_solve '-S --needed' $targets; fi ||
        { scan_error=$pm_reason; return 0; }
    scan_removes=$pacman_victims
    [ "$scope" = all ] || pacman_wish="-S --needed $(printf '%s' "$_answer" | sed 's/|.*//' | tr '\n' ' ')"
    scan_pending=''
    pacman_records
    chosen=$scan_pending scan_pending=$_all scan_held=$_were
}

pacman_bar() { pacman_ignore "${1%%|*}"; }

pacman_security_ready() {
    pm_reason="pacman's repositories do not say which updates are for security, and Arch supports no partial upgrade: use scope all"
    return 1
}

# ------------------------------------------------------------------------------------------------------ changing

# pacman_run LOCK_WAIT OPTION…: a script that failed is a failure, whatever pacman ends with.
pacman_run() {
    _patience=$1
    shift
    pm_run "$_patience" pacman --noconfirm --noprogressbar ${pacman_ignored:+"--ignore=$pacman_ignored"} "$@"
    _done=$?
    case $NL$pm_said in
    *"${NL}~"*)
        [ "$_done" != 0 ] || pacman_explain
        _done=1
        ;;
    esac
    pacman_remember
    return "$_done"
}

# Packages are signed with keys that an older keyring does not know yet, so that one goes first.
pacman_upgrade() {
    [ -z "$everything" ] || pacman_wish=-Su
    case $NL$chosen in *"${NL}archlinux-keyring|"*) pacman_run "$1" -S --needed archlinux-keyring || return 1 ;; esac
    _failure='' _rounds=0
    # shellcheck disable=SC2086 # options and names
    until pacman_run "$1" $pacman_wish; do
        _failure=${_failure:-$pm_reason} _rounds=$((_rounds + 1)) _ignored=$pacman_ignored
        # What is in conflict is found out only now. It must not keep the others from their updates.
        # shellcheck disable=SC2046 # a name
        pacman_ignore $(printf '%s\n' "$pm_said" | sed -n 's/^:: \([^ ]*\) and [^ ]* are in conflict.*/\1/p' | sed 1q)
        if [ "$_ignored" = "$pacman_ignored" ] || [ "$_rounds" -ge 5 ]; then break; fi
        pacman_without || break
    done
    pm_reason=$_failure
    [ -z "$_failure" ]
}

# What is named is wanted even if it is to be ignored. False if nothing is left.
pacman_without() {
    [ "$pacman_wish" != -Su ] || return 0
    _left=''
    for _n in ${pacman_wish#-S --needed}; do case ",$pacman_ignored," in *",$_n,"*) ;; *) _left="$_left $_n" ;; esac; done
    pacman_wish="-S --needed$_left"
    [ -n "$_left" ]
}

pacman_autoremove() {
    # shellcheck disable=SC2046 # a list of names
    pacman_run "$1" -R $(printf '%s' "$scan_removes" | sed 's/|.*//')
}

pacman_install() {
    _wait=$1
    shift
    pacman_run "$_wait" -S --needed "$@"
}

pacman_remove() {
    _wait=$1 _verb=-R${purge:+n}${allow_removals:+c}
    shift
    pacman_run "$_wait" "$_verb" "$@"
}

pacman_versions() { pacman -Q 2>/dev/null | sed -n 's/^\([^ ]*\) \([^ ]*\)$/\1|\2|installed/p'; }

pacman_leftovers() {
    _left=$(find /etc -xdev \( -name '*.pacnew' -o -name '*.pacsave' \) 2>/dev/null | sort)
    each_line pacman_conffile "$_left"
}
pacman_conffile() {
    case $1 in
    *.pacnew) finding "conffile:$1" "reason=the new version of a changed configuration file lies beside it" ;;
    *) finding "conffile:$1" "reason=the local version of a configuration file was put aside" ;;
    esac
}

# ------------------------------------------------------------------------------------------------------ failures

# Of the output, the lines that may hold the reason; of a script that failed the package and what was said last.
pacman_telling() {
    awk '
        /^(upgrading|installing|reinstalling|downgrading|removing) / { at = $2; sub(/\.\.\.$/, "", at); last = ""; next }
        /^\([ 0-9]+\/[0-9]+\) / { at = "hook " $0; sub(/hook \([^)]*\) /, "hook ", at); sub(/\.\.\.$/, "", at); last = ""; next }
        /^error: command failed to execute correctly/ { print "~" at "|" last; next }
        /^error: |^:: unable|^:: removing|^:: installing|are in conflict|exists in filesystem|invalid or corrupted/ { print }
        { last = $0 }'
}

# Only a lock that somebody holds is worth waiting for.
pacman_lost_lock() {
    case $pm_said in *"could not lock database: File exists"* | *"synchronize all databases (unable to lock database)"*) pacman_locked ;; *) return 1 ;; esac
}

# The reason of a failure in one line, the most telling message first; from pm_said.
pacman_explain() {
    pm_reason='' _script='' _error='' _kind='' _space=''
    each_line pacman_explain_line "$pm_said"
    case $_script in *"No space left on device"*) _space="disk full: $_script" ;; esac
    [ -z "$_error" ] || [ -z "$_kind" ] || case $_error in "$_kind"*) ;; *) _error="$_kind: $_error" ;; esac
    case $_space in "disk full"*) pm_full_disks; _space="disk full$_full${_space#disk full}" ;; esac
    pm_reason=${_space:-${_script:-${_error:-${_kind:-"pacman ended with status $pm_status"}}}}
    [ -n "$_space$_script" ] || pm_no_room "$PACMAN_DB" /var/cache /usr
    case $pm_reason in *"lock database"*) [ -w "$PACMAN_DB" ] || pm_reason="read-only file system: $PACMAN_DB" ;; esac
}

pacman_explain_line() {
    case $1 in
    "~"*)
        case $1 in "~hook "*) ;; *) _name=${1%%|*} pm_unfinished="$pm_unfinished ${_name#"~"}" ;; esac
        [ -z "$_script" ] || return 0
        _script=${1%%|*} _told=${1#*|}
        case $_script in "~hook "*) _script=${_script#"~"} ;; *) _script="package ${_script#"~"}" ;; esac
        _script="$_script: script failed${_told:+ ($_told)}"
        ;;
    *"No space left on device"* | *"too full"*) _space="disk full: ${1#error: }" ;;
    *"Read-only file system"*) _space="read-only file system: ${1#error: }" ;;
    "error: failed to "*" (unexpected error)" | *"unresolvable package conflicts detected") ;;
    "error: failed to "*" ("*) [ -n "$_kind" ] || _kind=${1#*\(} _kind=${_kind%\)} ;;
    *"could not lock database: File exists"*) _error="$PACMAN_DB/db.lck is there, and nobody has it open: left by a pacman that died" _kind='' ;;
    *) [ -n "$_error" ] || _error=${1#error: } _error=${_error#:: } _error=${_error%%. Remove *} ;;
    esac
}

# ------------------------------------------------------------------------------------------------------ lists

# A list bears its server's time; when it was asked for is told by its folder.
pacman_lists_age() {
    _now=$(date +%s) _stamp=0
    set -- "$PACMAN_DB"/sync/*.db
    [ ! -e "$1" ] || _stamp=$(date -r "$PACMAN_DB/sync" +%s 2>/dev/null) || _stamp=0
    lists_age=$((_now - _stamp))
    [ "$lists_age" -ge 0 ] || lists_age=0
}

# A refresh that failed must not make old lists look young.
pacman_refresh() {
    pacman_ignored=''
    _lists=$(cksum "$PACMAN_DB"/sync/*.db 2>/dev/null)
    [ ! -d "$PACMAN_DB/sync" ] || touch -r "$PACMAN_DB/sync" "$spool/age"
    if ! pm_run "$1" pacman -Sy --noconfirm --noprogressbar; then
        [ ! -e "$spool/age" ] || touch -r "$spool/age" "$PACMAN_DB/sync" 2>/dev/null
        _number=0 _first='' _what=''
        each_line pacman_source "$pm_said"
        case $pm_reason in "disk full"* | "read-only "*) ;; *) pm_reason=${_first:-$pm_reason} ;; esac
        return 1
    fi
    touch "$PACMAN_DB/sync" 2>/dev/null
    lists_news=''
    [ "$_lists" = "$(cksum "$PACMAN_DB"/sync/*.db 2>/dev/null)" ] || lists_news=1
}

# A mirror that fails is no trouble while another one answers; here none did.
pacman_source() {
    _last=$_what
    case $1 in
    "error: failed retrieving file '"*) _what=${1#*\'} _what="${_what%%.db*}: ${1##* : }" ;;
    "error: "*": missing required signature" | "error: "*": signature from "* | "error: "*": key "*) _what=${1#error: } ;;
    "error: database '"*) _what=${1#*\'} _what="${_what%%\'*}: ${1##*\(}" _what=${_what%%\)*} ;;
    "error: GPGME error: "*) _what=${1#error: } ;;
    *) return 0 ;;
    esac
    [ "$_what" != "$_last" ] || return 0
    _number=$((_number + 1))
    pm_clock "$_what"
    finding "source:$_number" "reason=$REPLY"
    [ -n "$_first" ] || _first="package lists not refreshed: $REPLY"
}
