# apt and dpkg: who holds them, how to run them so that nothing can ask, why they failed.

APT_QUIET='-q -y -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o Acquire::Retries=3'

# Nobody sits at the terminal: no question may be asked, and Use-Pty=0 leaves maintainer scripts no terminal
# to ask it on. needrestart only lists services, unless the step lets it restart them.
apt_setup() {
    DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical DEBCONF_NONINTERACTIVE_SEEN=true
    APT_LISTCHANGES_FRONTEND=none APT_LISTBUGS_FRONTEND=none UCF_FORCE_CONFFOLD=1
    NEEDRESTART_MODE=l
    [ -z "${restart_services-}" ] || NEEDRESTART_MODE=a
    export DEBIAN_FRONTEND DEBIAN_PRIORITY DEBCONF_NONINTERACTIVE_SEEN
    export APT_LISTCHANGES_FRONTEND APT_LISTBUGS_FRONTEND UCF_FORCE_CONFFOLD NEEDRESTART_MODE
}

apt_locked() {
    pm_posix_lock /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock
}

# ------------------------------------------------------------------------------------------------------ changing

apt_upgrade() {
    if [ -n "$everything" ]; then apt_wish_for_all; fi
    # shellcheck disable=SC2086 # options and lists
    [ -z "$apt_wish" ] || pm_run "$1" apt-get $APT_QUIET $apt_pins $apt_wish
}

# shellcheck disable=SC2086 # options
apt_autoremove() { pm_run "$1" apt-get $APT_QUIET autoremove; }

apt_install() {
    _wait=$1
    shift
    [ -n "$allow_removals" ] || set -- --no-remove "$@"
    # shellcheck disable=SC2086 # options
    pm_run "$_wait" apt-get $APT_QUIET install "$@"
}

apt_remove() {
    _wait=$1 _verb=remove
    shift
    [ -z "$purge" ] || _verb=purge
    # shellcheck disable=SC2086 # options
    pm_run "$_wait" apt-get $APT_QUIET "$_verb" "$@"
}

apt_versions() {
    # shellcheck disable=SC2016 # dpkg-query's own variables
    dpkg-query -W -f '${binary:Package}|${Version}|${db:Status-Status}\n' 2>/dev/null
}

apt_leftovers() {
    _left=$(find /etc -xdev \( -name '*.dpkg-dist' -o -name '*.dpkg-new' -o -name '*.ucf-dist' \) 2>/dev/null | sort)
    each_line apt_conffile "$_left"
}
apt_conffile() { finding "conffile:$1" "reason=the new version of a changed configuration file lies beside it"; }

# ------------------------------------------------------------------------------------------------------ failures

# Of apt's and dpkg's output, the lines that may hold the reason, and before "error processing" what the maintainer script
# said last.
apt_telling() {
    awk '
        /^dpkg: error processing/ && last != "" { print "~" last }
        /^(E|W|Err|Ign):|^dpkg: |^ (installed|new|old|subprocess|cannot|unable|trying|failed|package) |No space left|Read-only file|enough free space/ { print }
        { last = $0 }'
}

apt_lost_lock() {
    case $pm_said in
    *"Could not open lock file"*) return 1 ;;
    *"Could not get lock"* | *"nable to lock"* | *"nable to acquire the dpkg"* | *"lock was locked by another process"*) return 0 ;;
    esac
    return 1
}

# The reason of a failure in one line, the most telling message first; from pm_said.
apt_explain() {
    pm_reason='' _package='' _error='' _follow='' _before='' _space=''
    each_line apt_explain_line "$pm_said"
    [ -z "$_package" ] || pm_reason="package $_package: ${_follow:-failed}${_before:+ ($_before)}"
    case $_before in *"No space left on device"*) _space="disk full: $pm_reason" ;; esac
    case $_space in
    "disk full"*) pm_full_disks; pm_reason="disk full$_full${_space#disk full}" ;;
    ?*) pm_reason=$_space ;;
    esac
    pm_reason=${pm_reason:-${_error:-"$1 ended with status $pm_status"}}
}

apt_explain_line() {
    case $1 in
    "~"*) [ -n "$_package" ] || _before=${1#"~"} ;;
    *"No space left on device"*) _space="disk full: ${1#E: }" ;;
    *"Read-only file system"*) _space="read-only file system: ${1#E: }" ;;
    *"enough free space in"*) _space="not enough disk space in ${1##*free space in }" ;;
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

# ------------------------------------------------------------------------------------------------------ lists

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

apt_refresh() {
    _lists=$(apt_fingerprint)
    _touch='touch /var/lib/apt/periodic/update-success-stamp 2>/dev/null || true'
    pm_run "$1" apt-get -q -o Acquire::Retries=3 -o APT::Update::Error-Mode=any \
        -o "APT::Update::Post-Invoke-Success::=$_touch" update
    _done=$?
    # Old apt ends with 0 although a source could not be fetched, and so goes on with old lists.
    # That a signature will be too weak one day is said of lists that were fetched.
    _bad=$(printf '%s\n' "$pm_said" | grep -v 'Policy will reject signature' |
        grep -E '^(E:|W: Failed to fetch|W: Some index files|W: .*(GPG error|not signed|signature))')
    if [ "$_done" != 0 ] || [ -n "$_bad" ]; then
        _number=0 _first=''
        each_line apt_source "$_bad"
        case $pm_reason in
        "disk full"* | "read-only "*) ;;
        *) pm_reason=${_first:-$pm_reason}; pm_no_room /var/lib/apt/lists "${TMPDIR:-/tmp}" ;; # gpgv says: invalid signature
        esac
        return 1
    fi
    if ! apt_has_sources; then pm_reason="no package source is defined"; return 1; fi
    lists_news=''
    [ "$_lists" = "$(apt_fingerprint)" ] || lists_news=1
}

# Without any source apt is content, and nothing is ever pending. An apt that is too old for the question has no answer.
apt_has_sources() {
    # shellcheck disable=SC2016 # apt's own variable
    _targets=$(apt-get indextargets --format '$(CREATED_BY)' 'Created-By: Packages' 2>/dev/null) || return 0
    [ -n "$_targets" ]
}

apt_source() {
    pm_clock "${1#?: }"
    set -- "$REPLY"
    [ -n "$_first" ] || _first="package lists not refreshed: $1"
    case $1 in *"Some index files"*) return 0 ;; esac
    _number=$((_number + 1))
    finding "source:$_number" "reason=$1"
}

# Release files hold the checksums of all lists; flat sources without one have only the lists themselves.
apt_fingerprint() {
    (
        cd /var/lib/apt/lists 2>/dev/null || exit 0
        printf '%s\n' *_Packages* *_Sources*
        cksum -- *Release *_Packages 2>/dev/null
    )
}
