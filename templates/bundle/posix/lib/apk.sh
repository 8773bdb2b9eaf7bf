# apk: who holds it, what it would do, how to run it so that nothing can ask, why it failed.
#
# Known from recorded answers of apk 2.14 and 3.0 alone: no host of the lab has it. apk keeps to /etc/apk/world: whatever it
# is asked, it also takes away what nothing there needs any more.

apk_setup() { :; }

apk_locked() {
    pm_lock_type=FLOCK
    pm_posix_lock /lib/apk/db/lock /usr/lib/apk/db/lock
}

apk_database() {
    _db=/lib/apk/db/installed
    [ -r "$_db" ] || _db=/usr/lib/apk/db/installed
    [ -r "$_db" ]
}

# ------------------------------------------------------------------------------------------------------ questions

apk_scan() {
    scan_error='' scan_pending='' scan_removes='' scan_held='' scan_broken='' scan_holds='' scan_mend='' scan_replaces=''
    apk_wish='' apk_newer='' apk_gone='' apk_barred='' _refused='' pm_reason=''
    _mode=${1:-upgrade}
    [ $# = 0 ] || shift
    case $_mode in
    upgrade | full) apk_scan_updates ;;
    # What nothing needs goes by itself.
    autoremove) ;;
    install)
        apk_add
        # shellcheck disable=SC2086 # a verb and its option
        ! apk_ask $apk_verb "$@" || apk_records
        ;;
    *) ! apk_ask del "$@" || apk_records ;;
    esac
    scan_error=$pm_reason
}

# apk_ask COMMAND…: what that would do, in _answer. It ends with the number of errors, of which some are old.
apk_ask() {
    pm_reason='' _answer=$(apk --simulate "$@" 2>&1)
    pm_status=$?
    case $NL$_answer in *"${NL}OK: "* | *[0-9]" error"*" in "*" packages"*) [ "$pm_status" != 99 ] && return 0 ;; esac
    pm_said=$(printf '%s\n' "$_answer" | apk_telling)
    apk_explain
    return 1
}

apk_scan_updates() {
    apk_newer=$(apk version -l '<' 2>/dev/null | awk '$2 == "<" && match($1, /-[^-]*-r[0-9]+$/) {
        print substr($1, 1, RSTART - 1) "|" substr($1, RSTART + 1) "|" $3 }')
    apk_unfinished
    [ -n "$apk_newer" ] || return 0
    if ! apk_ask upgrade || apk_purges; then
        # All or nothing: one that cannot be had must not keep the others from their updates.
        case $pm_status:$pm_reason in 99:*) return 0 ;; esac
        apk_possible "$(printf '%s\n' "$apk_newer" | sed 's/|.*//')" || return 0
    fi
    apk_records
    scan_removes="$scan_removes$apk_gone"
    each_line apk_left "$apk_newer"
}

# True if packages would go and may not; apk_gone is which, name|version.
apk_purges() {
    [ "$_mode" = upgrade ] || return 1
    _gone=$(printf '%s\n' "$_answer" | sed -n 's/^([0-9/ ]*) Purging \([^ ]*\) (\(.*\))$/\1|\2/p')
    [ -n "$_gone" ] || return 1
    apk_gone="$_gone$NL" _purged=1
}

# apk_possible NAMES: of these, all that can be had without taking what is barred or may not go; _answer is what that does.
apk_possible() {
    _had='' _refused=''
    for _n in $1; do
        _purged=''
        if apk_ask upgrade "$_n" && ! apk_purges && ! apk_trespass; then
            _had="$_had $_n"
        else
            _why=''
            [ -z "$_purged" ] || _why="needs the removal of $(pm_names "$apk_gone"), which is not allowed"
            _refused="$_refused$_n|${_why:-$pm_reason}$NL"
        fi
    done
    _answer='' pm_reason='' apk_wish=$_had
    [ -n "$_had" ] || return 0
    # shellcheck disable=SC2086 # a list of names
    apk_ask upgrade $_had
}

# True if the answer changes what is barred.
apk_trespass() {
    for _b in $apk_barred; do
        case $_answer in *") Upgrading $_b ("* | *") Installing $_b ("* | *") Replacing $_b ("*) return 0 ;; esac
    done
    return 1
}
apk_barred='' apk_wish='' _refused='' pm_lock_type=''

apk_records() {
    _records=$(printf '%s\n' "$_answer" | sed -n \
        -e 's/^([0-9/ ]*) \(Upgrading\|Downgrading\|Replacing\) \([^ ]*\) (\([^ ]*\) -> \([^ ]*\))$/P|\2|\3|\4|no|/p' \
        -e 's/^([0-9/ ]*) Installing \([^ ]*\) (\([^ ]*\))$/P|\1||\2|no|/p' \
        -e 's/^([0-9/ ]*) Purging \([^ ]*\) (\([^ ]*\))$/R|\1|\2/p')
    each_line apk_record "$_records"
}

apk_record() {
    case $1 in
    P*) scan_pending=$scan_pending${1#P|}$NL ;;
    R*) scan_removes=$scan_removes${1#R|}$NL ;;
    esac
}

# What is newer and stays: pinned in /etc/apk/world, or not to be had.
apk_left() {
    _n=${1%%|*}
    case $NL$scan_pending in *"$NL$_n|"*) return 0 ;; esac
    if grep -qs "^${_n}[=<>~@]" /etc/apk/world; then
        _because="hold|pinned in /etc/apk/world"
    else
        _because=kept-back
        case $NL$_refused in *"$NL$_n|"*) _because=$NL$_refused _because="kept-back|${_because#*"$NL$_n|"}" _because=${_because%%"$NL"*} ;; esac
    fi
    scan_held="$scan_held$1|no|$_because$NL"
}

# apk marks what a script or a file failed of.
apk_unfinished() {
    apk_database || return 0
    scan_broken=$(awk -F: '
        /^P:/ { name = $2 } /^V:/ { version = substr($0, 3) }
        /^f:[fsx]/ { print name "|" version "|" ($2 ~ /s/ ? "script-failed" : "files-failed") }' "$_db")
    [ -z "$scan_broken" ] || scan_mend="apk fix" scan_broken=$scan_broken$NL
}

# ------------------------------------------------------------------------------------------------------ closure

apk_closure() {
    _all=$scan_pending _mode=upgrade pm_reason='' chosen='' scan_removes='' apk_barred=''
    [ -z "$allow_removals" ] || _mode=full
    each_line apk_bar "$barred"
    apk_wish=$targets
    # shellcheck disable=SC2086 # a list of names
    if ! apk_ask upgrade $targets || apk_purges || apk_trespass; then
        apk_possible "$targets" || { scan_error=$pm_reason; return 0; }
    fi
    scan_pending=''
    apk_records
    chosen=$scan_pending scan_pending=$_all scan_removes="$scan_removes$apk_gone"
}

apk_bar() { apk_barred="$apk_barred ${1%%|*}"; }

apk_security_ready() {
    pm_reason="Alpine's repositories do not say which updates are for security: use scope all"
    return 1
}

# ------------------------------------------------------------------------------------------------------ changing

# Without a name all is upgraded, and what may not go goes with it.
apk_upgrade() {
    [ -n "$chosen" ] || return 0
    # shellcheck disable=SC2086 # a list of names
    pm_run "$1" apk upgrade $apk_wish
}

apk_mend() { pm_run "$1" apk fix; }

apk_autoremove() { :; }

apk_install() {
    _wait=$1
    shift
    apk_add
    # shellcheck disable=SC2086 # a verb and its option
    pm_run "$_wait" apk $apk_verb "$@"
}

# By itself it leaves what is installed at its version. The state is that of the module `package`.
apk_add() {
    apk_verb=add
    [ "${state-}" != latest ] || apk_verb='add --upgrade'
}

apk_remove() {
    _wait=$1
    shift
    pm_run "$_wait" apk ${purge:+--purge} del "$@"
}

apk_versions() {
    apk_database || return 0
    awk -F: '
        function say() { if (name != "") print name "|" version "|" state }
        /^P:/ { name = $2; state = "installed" } /^V:/ { version = substr($0, 3) }
        /^f:[fsx]/ { state = $2 ~ /s/ ? "script-failed" : "files-failed" }
        /^$/ { say(); name = "" } END { say() }' "$_db"
}

apk_leftovers() {
    _left=$(find /etc -xdev -name '*.apk-new' 2>/dev/null | sort)
    each_line apk_conffile "$_left"
}
apk_conffile() { finding "conffile:$1" "reason=the new version of a changed configuration file lies beside it"; }

# ------------------------------------------------------------------------------------------------------ failures

# Of the output, the lines that may hold the reason; before a script's failure what it said last.
apk_telling() {
    awk '
        /^ERROR: .*(\.pre|\.post)-[a-z]*: |^ERROR: .*\.trigger: / { if (last != "") print "~" last; print; next }
        /^(ERROR|WARNING): |^  [^ *].*:$|^    required by: |^    conflicts: |^    satisfies: |^    breaks: / { print }
        /^ *Executing |^\(/ { last = ""; next }
        { last = $0; sub(/^ *\* /, "", last) }'
}

apk_lost_lock() {
    case $pm_said in *"Unable to lock database: Read-only"* | *"Unable to lock database: Permission"*) return 1 ;; *"Unable to lock database"*) return 0 ;; esac
    return 1
}

apk_explain() {
    pm_reason='' _script='' _error='' _follow='' _before='' _space=''
    each_line apk_explain_line "$pm_said"
    pm_reason=${_space:-${_script:-${_error:+$_error$_follow}}}
    pm_reason=${pm_reason:-"apk ended with status $pm_status"}
}

apk_explain_line() {
    case $1 in
    *"No space left on device"*) _space="disk full: ${1#*: }" ;;
    *"Read-only file system"*) _space="read-only file system: ${1#*: }" ;;
    "~"*) _before=${1#"~"} ;;
    "ERROR: "*": "*"xited with error "*)
        [ -z "$_script" ] || return 0
        _what=${1#ERROR: } _what=${_what#lib/apk/exec/} _package=${_what%%: *}
        _script=${_package##*.} _package=${_package%.*} _package=${_package%-*}
        _script="package ${_package%-*}: $_script failed, exit status ${1##* }${_before:+ ($_before)}"
        ;;
    "ERROR: unable to select packages:") [ -n "$_error" ] || _error="unable to select packages:" ;;
    "ERROR: "*) [ -n "$_error" ] || _error=${1#ERROR: } ;;
    "    "*) _follow="$_follow ${1#    }" _follow=${_follow%\[*} ;;
    "  "*) [ -n "$_follow" ] || _follow=" ${1#  }" _follow=${_follow%:} ;;
    esac
}

# ------------------------------------------------------------------------------------------------------ lists

apk_lists_age() {
    _now=$(date +%s) _stamp=0
    apk_cache
    set -- "$_cache"/APKINDEX.*.tar.gz
    [ ! -e "$1" ] || _stamp=$(date -r "$_cache" +%s 2>/dev/null) || _stamp=0
    lists_age=$((_now - _stamp))
    [ "$lists_age" -ge 0 ] || lists_age=0
}

apk_cache() {
    _cache=/etc/apk/cache
    [ -d "$_cache/." ] || _cache=/var/cache/apk
}

# An index bears its server's time; when it was asked for is told by its folder, and a refresh that failed must not make
# old lists look young.
apk_refresh() {
    apk_cache
    _lists=$(cksum "$_cache"/APKINDEX.*.tar.gz 2>/dev/null)
    [ ! -d "$_cache" ] || touch -r "$_cache/." "$spool/age"
    pm_run "$1" apk update
    _done=$? _number=0 _first=''
    each_line apk_source "$pm_said"
    if [ "$_done" != 0 ] || [ -n "$_first" ]; then
        [ ! -e "$spool/age" ] || touch -r "$spool/age" "$_cache/." 2>/dev/null
        pm_reason=${_first:-$pm_reason}
        return 1
    fi
    touch "$_cache/." 2>/dev/null
    lists_news=''
    [ "$_lists" = "$(cksum "$_cache"/APKINDEX.*.tar.gz 2>/dev/null)" ] || lists_news=1
}

apk_source() {
    case $1 in "WARNING: "*"opening "*": "*) ;; *) return 0 ;; esac
    _what=${1#*opening }
    _number=$((_number + 1))
    finding "source:$_number" "reason=$_what"
    [ -n "$_first" ] || _first="package lists not refreshed: $_what"
}
