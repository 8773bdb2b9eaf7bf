# dnf 4 (yum is its other name since RHEL 8): who holds it, how to run it so that nothing can ask, why it failed. What it
# would do is in dnfscan.sh.

# nobest: one update that cannot be had must not stop the others. What was looked at is what is installed: no list
# is fetched in between. A lock ends dnf at once, for pm_run waits better.
DNF_QUIET='-y --nobest --setopt=*.metadata_expire=-1 --setopt=exit_on_lock=1'

dnf_setup() { :; }

# The files hold pids; rpm's own lock is an fcntl lock.
dnf_locked() {
    pm_posix_lock /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock && return 0
    for _f in /var/lib/dnf/rpmdb_lock.pid /var/cache/dnf/metadata_lock.pid /var/cache/dnf/download_lock.pid /run/yum.pid; do
        [ -r "$_f" ] || continue
        _pid=
        read -r _pid <"$_f" || [ -n "$_pid" ] || continue
        case $_pid in '' | *[!0-9]*) continue ;; esac
        if [ -d "/proc/$_pid" ]; then
            pm_name_holder "$_pid"
            return 0
        fi
    done
    return 1
}

# ------------------------------------------------------------------------------------------------------ changing

# dnf_avoid, by dnf_ask: what would take other packages' places.
dnf_upgrade() {
    _wait=$1
    set -- upgrade
    for _n in $dnf_avoid; do set -- "$@" "--exclude=$(dnf_spec "$_n")"; done
    [ -z "$allow_removals" ] || set -- --allowerasing "$@"
    if [ -z "$everything" ]; then
        each_line dnf_bar "$barred"
        # shellcheck disable=SC2086 # a list of names
        set -- "$@" $_bars
        # All but those: what takes the place of another comes along.
        [ "$scope" = all ] || for _n in $targets; do set -- "$@" "$(dnf_spec "$_n")"; done
    fi
    dnf_run "$_wait" "$@"
}

dnf_autoremove() { dnf_run "$1" autoremove; }

dnf_install() {
    _wait=$1 _specs=''
    shift
    for _n do
        case $_n in *=*) _n=${_n%%=*}-${_n#*=} ;; esac
        _specs="$_specs $(dnf_spec "$_n")"
    done
    # shellcheck disable=SC2086 # a list of names
    dnf_run "$_wait" ${allow_removals:+--allowerasing} install $_specs
}

dnf_remove() {
    _wait=$1
    shift
    dnf_run "$_wait" remove "$@"
}

# dnf_run LOCK_WAIT ARGUMENT…: a transaction. A scriptlet that fails is no error to dnf: it goes on and ends with 0.
dnf_run() {
    _limit=$1
    shift
    # shellcheck disable=SC2086 # options
    pm_run "$_limit" dnf $DNF_QUIET "$@" || return 1
    case $pm_said in
    *"scriptlet failed"*) dnf_explain dnf; return 1 ;;
    esac
}

# name:arch, as dpkg writes it and so the records, is name.arch to dnf.
dnf_spec() {
    case $1 in
    *:*) printf '%s.%s' "${1%:*}" "${1##*:}" ;;
    *) printf '%s' "$1" ;;
    esac
}

_bars=''
dnf_bar() { _bars="$_bars --exclude=${1%%[|:]*}"; }

# Keys that rpm trusts are listed among the packages; of several versions the newest stands last.
dnf_versions() {
    rpm -qa --qf '%{NAME}|%{EPOCHNUM}:%{VERSION}-%{RELEASE}|installed|%{ARCH}\n' 2>/dev/null | awk -F'|' -v machine="$(uname -m)" '
        $1 == "gpg-pubkey" { next }
        { sub(/^0:/, "", $2); print $1 ($4 == "noarch" || $4 == machine ? "" : ":" $4) "|" $2 "|" $3 }' |
        sort -t '|' -k 1,1 -k 2,2V
}

dnf_leftovers() {
    _left=$(find /etc -xdev \( -name '*.rpmnew' -o -name '*.rpmsave' \) 2>/dev/null | sort)
    each_line dnf_conffile "$_left"
}
dnf_conffile() {
    case $1 in
    *.rpmnew) finding "conffile:$1" "reason=the new version of a changed configuration file lies beside it" ;;
    *) finding "conffile:$1" "reason=the changed configuration file that an update or removal replaced" ;;
    esac
}

# ------------------------------------------------------------------------------------------------------ failures

dnf_telling() {
    awk '
        /scriptlet failed/ && last != "" { print "~" last }
        /^(Error|error|Errors|Failed|Config error)|scriptlet|Curl error|GPG|ublic key|not signed|Failing package|No space left|disk is full|Read-only file|more space|Ignoring repositories|lock|Cannot download|^ *Problem|nothing provides/ { print }
        { last = $0 }'
}

dnf_lost_lock() { [ "$pm_status" = 200 ]; }

dnf_explain() {
    pm_reason='' _scriptlet='' _before='' _error='' _more='' _signature='' _space=''
    each_line dnf_explain_line "$pm_said"
    case $_scriptlet in *"No space left on device"*) _space="disk full: $_scriptlet" ;; esac
    pm_reason=${_space:-${_signature:-${_scriptlet:-${_error:-"$1 ended with status $pm_status"}}}}
    case $pm_reason in
    "disk full"*) pm_full_disks; pm_reason="disk full$_full${pm_reason#disk full}" ;;
    "$_error" | "$_signature") pm_reason=$pm_reason${_more:+: $_more} ;;
    esac
    pm_clock "$pm_reason"
    pm_reason=$REPLY
}

dnf_explain_line() {
    case $1 in
    "~"*) _before=${1#"~"} ;;
    *"No space left on device"* | *"disk is full"* | *"more space needed"* | *"more space on"*) _space="disk full: ${1#Error: }" ;;
    *"Read-only file system"*) _space="read-only file system: ${1#Config error: }" ;;
    *"readonly database"*)
        # The same words for both.
        if [ -w /var/lib/dnf ]; then _space="disk full: ${1#Error: }"; else _space="read-only file system: ${1#Error: }"; fi
        ;;
    *"scriptlet failed"*)
        [ -n "$_scriptlet" ] && return 0
        # warning: %post(lab-broken-1.1-1.noarch) scriptlet failed, exit status 1
        _line=${1#*%}
        _nevra=${_line#*"("}
        _nevra=${_nevra%%")"*}
        _name=${_nevra%-*}
        _scriptlet="package ${_name%-*}: %${_line%%"("*} scriptlet failed${_line#*"scriptlet failed"}${_before:+ ($_before)}"
        ;;
    *"Failing package is: "*) _more=${1##*"Failing package is: "} ;;
    "Package "*" is not signed") _more=${1#Package } ;;
    *"GPG check FAILED"* | *"ublic key"*"not installed"* | *"BAD GPG signature"*) _signature="signature wrong or missing" ;;
    "Error: Error downloading packages:"*) _error="packages not downloaded" ;;
    *"Cannot download "*) _more=${_more:-${1#"${1%%[! -]*}"}} ;;
    " Problem"*) _error=${1#*: } ;;
    "  - nothing provides"*) _more=${1#*- } ;;
    "Error: "?*) _error=${1#Error: } ;;
    esac
}

# ------------------------------------------------------------------------------------------------------ lists

# The file is written anew by each refresh, with news or without.
dnf_lists_age() {
    _stamp=0 _now=$(date +%s)
    for _f in /var/cache/dnf/*/repodata/repomd.xml; do
        [ -e "$_f" ] || continue
        _s=$(date -r "$_f" +%s 2>/dev/null) || continue
        [ "$_s" -le "$_stamp" ] || _stamp=$_s
    done
    lists_age=$((_now - _stamp))
    [ "$lists_age" -ge 0 ] || lists_age=0
}

dnf_refresh() {
    _lists=$(cksum /var/cache/dnf/*/repodata/repomd.xml 2>/dev/null)
    pm_run "$1" dnf -y --setopt=exit_on_lock=1 makecache --refresh
    _done=$?
    # With skip_if_unavailable, dnf ends with 0 and goes on without the repository.
    _bad=$(printf '%s\n' "$pm_said" | awk -v q="'" '
        /^Errors during downloading metadata for repository/ { split($0, part, q); repo = part[2]; next }
        /^  - / && repo != "" { print repo ": " substr($0, 5); told[repo] = 1; repo = "" }
        /^Error: Failed to download metadata for repo/ {
            split($0, part, q)
            if (!(part[2] in told)) print part[2] ": " substr($0, index($0, q ": ") + 3)
            told[part[2]] = 1
        }' | sort -u)
    _number=0 _first=''
    each_line dnf_source "$_bad"
    case $_done:$pm_said in
    0:*"Ignoring repositories: "*) _done=1 ;;
    esac
    if [ "$_done" != 0 ]; then
        case $_first in ?*) pm_reason="package lists not refreshed: $_first" ;; esac
        return 1
    fi
    lists_news=''
    [ "$_lists" = "$(cksum /var/cache/dnf/*/repodata/repomd.xml 2>/dev/null)" ] || lists_news=1
}

dnf_source() {
    pm_clock "$1"
    _number=$((_number + 1))
    _first=${_first:-$REPLY}
    finding "source:$_number" "reason=$REPLY"
}

# Some clones and most third-party repositories publish no advisories: then nobody can say what is for security.
dnf_security_ready() {
    [ -z "$dnf_advised" ] || return 0
    pm_reason="no package source of this host publishes advisories, so security updates cannot be told from others"
    return 1
}
