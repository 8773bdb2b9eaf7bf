# zypper: who holds it, what it would do, how to run it so that nothing can ask, why it failed.

zypper_setup() { :; }

# libzypp writes the number of whoever is at work; whoever died has left its own.
zypper_locked() {
    _pid=''
    [ ! -s /run/zypp.pid ] || read -r _pid _ </run/zypp.pid
    case $_pid in
    '' | *[!0-9]*) ;;
    *) if [ -d "/proc/$_pid" ]; then pm_name_holder "$_pid"; return 0; fi ;;
    esac
    pm_posix_lock /usr/lib/sysimage/rpm/.rpm.lock /var/lib/rpm/.rpm.lock
}

# A rolling release has one way to be updated, and it is the distribution upgrade.
zypper_verb() {
    zypper_verb=update
    case $os_id in opensuse-tumbleweed | opensuse-slowroll) zypper_verb='dist-upgrade --no-allow-vendor-change' ;; esac
}

# ------------------------------------------------------------------------------------------------------ questions

# zypper_ask COMMAND…: its answer as XML in _xml. A question needs no lock, so it is answered while others are at work.
zypper_ask() {
    _xml=$(env ZYPP_READONLY_HACK=1 ${zypper_fenced:+"ZYPP_CONF=$spool/zypp.conf"} \
        zypper --non-interactive --no-refresh --xmlout "$@" 2>/dev/null)
    pm_status=$?
    case $pm_status in 0 | 10[0123]) return 0 ;; esac
    pm_said=$(printf '%s' "$_xml" | zypper_lines | sed -n \
        -e 's/^message type="error">/! /p' -e 's/^description>Problem:/! the resolver says:/p' |
        sed -e 's/  *$//' -e "s/&apos;/'/g" -e 's/&quot;/"/g' -e 's/&lt;/</g' -e 's/&gt;/>/g' -e 's/&amp;/\&/g')
    zypper_explain
    return 1
}

# One tag per line.
zypper_lines() { tr '\n<' ' \n'; }

zypper_scan() {
    scan_error='' scan_pending='' scan_removes='' scan_held='' scan_broken='' scan_holds='' scan_mend='' scan_replaces=''
    zypper_fenced='' zypper_victims='' _greedy='' pm_reason=''
    _mode=${1:-upgrade}
    [ $# = 0 ] || shift
    case $_mode in
    upgrade | full) zypper_scan_updates; zypper_unfinished ;;
    autoremove) zypper_scan_unneeded ;;
    install) zypper_ask install --dry-run --details "$@" && zypper_records "$_xml" ;;
    *) zypper_ask remove --dry-run --details "$@" && zypper_records "$_xml" ;;
    esac
    # Not only a failure gives a reason: repositories that could not be read make the answer worthless, too.
    scan_error=$pm_reason
}

# What is newer, what of it can be had, which advisories are behind it: most nights the first question is the last.
zypper_scan_updates() {
    zypper_verb
    zypper_locks
    zypper_ask list-updates --all || return 0
    _newer=$_xml
    case $_newer in
    *"No repositories defined"* | *"no enabled repositories"*) pm_reason="no package repository is defined"; return 0 ;;
    *"<update "*) ;;
    *) [ "$zypper_verb" != update ] || return 0 ;;
    esac
    zypper_solve || return 0
    _solved=$_xml
    zypper_ask list-patches || return 0
    _patches=$_xml _about=''
    _ids=$(printf '%s' "$_patches" | zypper_lines | sed -n 's/^update kind="patch" name="\([^"]*\)".*/\1/p')
    # shellcheck disable=SC2086 # a list of names
    [ -z "$_ids" ] || _about=$(ZYPP_READONLY_HACK=1 zypper --non-interactive --no-refresh info -t patch $_ids 2>/dev/null)
    scan_pending='' scan_removes=$zypper_victims
    zypper_records "$_newer$_solved$_patches" "$_about" "$_greedy"
    zypper_replaces
}

# What comes new and obsoletes what goes, where packages may go.
zypper_replaces() {
    [ "$_mode" = full ] && [ -n "$scan_removes" ] || return 0
    _new=$(printf '%s' "$scan_pending" | sed -n 's/^\([^|]*\)||.*/\1/p')
    [ -n "$_new" ] || return 0
    # shellcheck disable=SC2086 # a list of names
    scan_replaces=$({
        printf '%s\n--\n' "$scan_removes"
        ZYPP_READONLY_HACK=1 zypper --non-interactive --no-refresh info --obsoletes $_new 2>/dev/null
    } | awk -F'|' '
        $0 == "--" { FS = " "; part = 2; next }
        !part { gone[$1] = $2; next }
        /^Name *:/ { name = $3 }
        # One stands beside the word, several below it.
        /^[^ ]/ { list = /^Obsoletes/; sub(/^[^:]*: */, "") }
        list && $1 in gone { print name "|" $1 "|" gone[$1] }')
    [ -z "$scan_replaces" ] || scan_replaces=$scan_replaces$NL
}

# zypper_solve [NAME…]: what updating would do, in _xml; if packages would go and may not, then without what wants that,
# which is the difference to _greedy.
zypper_solve() {
    # shellcheck disable=SC2086 # a verb and its options
    zypper_ask $zypper_verb --dry-run --details "$@" || return 1
    case $_mode:$_xml in upgrade:*"<to-remove>"*) ;; *) return 0 ;; esac
    _greedy=$_xml _kept=$scan_pending
    zypper_records "$_xml"
    scan_pending=$_kept zypper_victims=$scan_removes
    zypper_fence "$zypper_fenced$NL$(printf '%s' "$scan_removes" | sed 's/|.*//')" || return 1
    # shellcheck disable=SC2086 # a verb and its options
    zypper_ask $zypper_verb --dry-run --details "$@"
}

# What an rpm that was killed has left, the old version beside the new one; and what a scriptlet failed of: rpm forgets
# that, and zypper's history does not.
zypper_unfinished() {
    _twice=$(rpm -qa --qf "%{INSTALLTIME}|%{ARCH}|%{NAME}|$ZYPPER_EVR\n" 2>/dev/null | sort -n | awk -F'|' '
        $3 == "gpg-pubkey" { next }
        { key = $3 "." $2; if (key in last) print last[key]; last[key] = $3 "|" $4 }')
    [ -z "$_twice" ] || zypper_twice
    grep -qs 'scriptlet failed' /var/log/zypp/history || return 0
    _unfinished=$(awk -F'|' '
        / installed ok$/ { bad = 0 }
        /^#.* scriptlet failed/ { bad = 1 }
        $2 ~ /^install *$/ { if (bad) state[$3] = $4; else delete state[$3]; bad = 0 }
        $2 ~ /^remove *$/ { delete state[$3] }
        END { for (name in state) print name "|" state[name] }' /var/log/zypp/history)
    [ -n "$_unfinished" ] || return 0
    # shellcheck disable=SC2046 # a list of names
    _there=$(rpm -q --qf "%{NAME}|$ZYPPER_EVR\n" $(printf '%s\n' "$_unfinished" | sed 's/|.*//') 2>/dev/null)
    each_line zypper_unfinished_one "$_unfinished"
}

zypper_unfinished_one() {
    case $NL$_there$NL in *"$NL$1$NL"*) zypper_broken "$1|scriptlet-failed" ;; esac
}

# Kernels are meant to stand side by side.
zypper_twice() {
    _meant=$(rpm -q --whatprovides --qf '%{NAME}\n' 'multiversion(kernel)' 2>/dev/null)
    each_line zypper_twice_one "$_twice"
}

zypper_twice_one() {
    case $NL$_meant$NL in *"$NL${1%%|*}$NL"*) ;; *) zypper_broken "$1|duplicate" ;; esac
}

zypper_broken() { scan_broken="$scan_broken$1$NL" scan_mend="reinstall what was not finished"; }

zypper_scan_unneeded() {
    zypper_ask packages --unneeded || return 0
    _unneeded=$(printf '%s\n' "$_xml" | awk -F' *[|] *' '/^i/ && NF > 4 { print $3 }')
    # shellcheck disable=SC2086 # a list of names
    if [ -n "$_unneeded" ] && zypper_ask remove --dry-run --details $_unneeded; then zypper_records "$_xml"; fi
}

# zypper_records XML [TEXT [XML]]: take up what answers say; TEXT is about patches, the other XML what would be done if
# packages could go.
zypper_records() {
    _records=$({
        printf '%s' "$1" | zypper_lines
        printf '\n-- patches\n%s\n-- locks\n%s\n-- greedy\n' "${2-}" "$zypper_locked"
        printf '%s' "${3-}" | zypper_lines
    } | awk -v gone="$(pm_names "$zypper_victims")" "$ZYPPER_AWK")
    each_line zypper_record "$_records"
}

zypper_record() {
    case $1 in
    P*) scan_pending=$scan_pending${1#P|}$NL ;;
    R*) scan_removes=$scan_removes${1#R|}$NL ;;
    K*) scan_held=$scan_held${1#K|}$NL ;;
    esac
}

ZYPPER_AWK='
function attr(name,   at, rest) {
    at = index($0, " " name "=\"")
    if (!at) return ""
    rest = substr($0, at + length(name) + 3)
    return substr(rest, 1, index(rest, "\"") - 1)
}
function fixes(text,   name) {
    name = text; sub(/ .*/, "", name)
    if (name ~ /:/) return
    if (category == "security") secure[name] = 1
    ids[name] = ids[name] " " id cves[id]
    # A name may come with its architecture.
    if (sub(/\.(noarch|x86_64|i[3-6]86|aarch64|armv[67]hl|ppc64le|riscv64|s390x)$/, "", name)) {
        if (category == "security") secure[name] = 1
        ids[name] = ids[name] " " id cves[id]
    }
}
/^-- / { part = $2; next }
part == "" && /^update kind="package"/ {
    name = attr("name")
    if (!(name in newest)) { newest[name] = attr("edition"); had[name] = attr("edition-old"); order[++n] = name }
}
part == "" && /^update kind="patch"/ { id = attr("name") }
part == "" && /^issue type="cve"/ { cves[id] = cves[id] " " attr("id") }
part == "" && /^\/?to-[a-z-]*>/ { section = /^\// ? "" : $0; sub(/>.*/, "", section) }
part == "" && section != "" && section != "to-reinstall" && /^solvable type="package"/ {
    name = attr("name")
    if (section == "to-remove") print "R|" name "|" attr("edition")
    else if (!(name in new)) { new[name] = attr("edition"); old[name] = attr("edition-old"); todo[++m] = name }
}
part == "patches" {
    key = $0; sub(/ *:.*/, "", key); value = $0; sub(/^[^:]*: */, "", value)
    if (/^ / && conflicts) { sub(/^ */, ""); fixes($0); next }
    conflicts = 0
    if (key == "Name") id = value
    else if (key == "Category") category = value
    else if (key == "Conflicts") { conflicts = 1; if (value !~ /^\[/) fixes(value) }
}
part == "locks" && $0 != "" {
    gsub(/[.+]/, "[&]"); gsub(/[*]/, ".*"); gsub(/[?]/, ".")
    lock[++l] = "^" $0 "$"
}
part == "greedy" && /^solvable type="package"/ { greedy[attr("name")] = 1 }
function tail(name) { return ((name in secure) ? "yes" : "no") "|" }
END {
    for (i = 1; i <= m; i++) {
        name = todo[i]
        # Of a kernel the new version comes beside the old one.
        if (old[name] == "" && name in had) old[name] = had[name]
        print "P|" name "|" old[name] "|" new[name] "|" tail(name) substr(ids[name], 2)
    }
    for (i = 1; i <= n; i++) {
        name = order[i]
        if (name in new) continue
        reason = "kept-back|something that it needs cannot be had"
        if (name in greedy) reason = "kept-back|needs the removal of " gone ", which is not allowed"
        for (j = 1; j <= l; j++) if (name ~ lock[j]) reason = "hold|zypper lock"
        print "K|" name "|" had[name] "|" newest[name] "|" tail(name) reason
    }
}'

# The patterns that the host has locked, in zypper_locked; in scan_holds what of them is installed.
zypper_locks() {
    zypper_locked=''
    [ -s /etc/zypp/locks ] || return 0
    zypper_locked=$(sed -n 's/^solvable_name: *//p' /etc/zypp/locks)
    [ -n "$zypper_locked" ] || return 0
    set -f
    # shellcheck disable=SC2086 # a list of patterns, which are rpm's to match
    scan_holds=$(rpm -qa --qf "%{NAME}|$ZYPPER_EVR\n" $zypper_locked 2>/dev/null)
    set +f
}
zypper_fenced='' zypper_locked='' zypper_wish='' zypper_victims='' _greedy=''
# shellcheck disable=SC2016 # rpm's own words
ZYPPER_EVR='%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}'

# zypper_fence NAMES: a configuration of this run's own, in which these are locked beside what the host has locked.
# Nothing is locked on the host, so nothing can stay locked. False, with pm_reason, when it cannot be written.
zypper_fence() {
    zypper_fenced=$1 pm_reason=''
    _locks=$(printf '%s\n' "$1" | awk '!seen[$0]++ && $0 != "" {
        printf "\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: %s\n", $0 }')
    for _conf in /etc/zypp/zypp.conf /usr/etc/zypp/zypp.conf; do [ ! -r "$_conf" ] || break; done
    {
        cat "$_conf" 2>/dev/null || echo '[main]'
        printf '\nlocksfile.path = %s/locks\n' "$spool"
    } >"$spool/zypp.conf" && {
        [ ! -r /etc/zypp/locks ] || cat /etc/zypp/locks
        printf '%s\n' "$_locks"
    } >"$spool/locks" && return 0
    pm_reason="what is to stay as it is cannot be written to $spool"
    return 1
}

# ------------------------------------------------------------------------------------------------------ closure

# Sets zypper_wish, which upgrade asks for, beside chosen. All updates at once leave behind what cannot be had; named ones
# are all or none. So the first answer says which of the names may be asked for.
zypper_closure() {
    _all=$scan_pending _mode=upgrade zypper_wish='' pm_reason=''
    [ -z "$allow_removals" ] || _mode=full
    _names=''
    each_line zypper_bar "$barred"
    if ! { zypper_fence "$zypper_fenced$_names" && zypper_solve; }; then scan_error=$pm_reason; return 0; fi
    zypper_choose
    [ "$scope" != all ] || return 0
    for _name in $targets; do
        case $NL$chosen in *"$NL$_name|"*) zypper_wish="$zypper_wish $_name" ;; esac
    done
    chosen=''
    [ -n "$zypper_wish" ] || return 0
    # shellcheck disable=SC2086 # a list of names
    if zypper_solve $zypper_wish; then zypper_choose; else scan_error=$pm_reason; fi
}

zypper_bar() { _names="$_names$NL${1%%|*}"; }

# The scan knows what is behind an update.
zypper_choose() {
    scan_pending='' scan_removes='' _held=$scan_held
    [ "$_mode" = full ] || scan_removes=$zypper_victims
    zypper_records "$_xml"
    scan_held=$_held _list=$scan_pending scan_pending=$_all chosen=''
    each_line zypper_choose_one "$_list"
}

zypper_choose_one() {
    pm_fields "$1"
    case $NL$_all in
    *"$NL$_name|"*)
        _known=$NL$_all
        _known=${_known#*"$NL$_name|"}
        _known="$_name|${_known%%"$NL"*}"
        case $_known in "$_name|"*"|$_new|"*) set -- "$_known" ;; esac
        ;;
    esac
    chosen=$chosen$1$NL
}

# False, with pm_reason, where nobody says which updates are for security.
zypper_security_ready() {
    pm_reason="this distribution does not say which updates are for security"
    case $os_id in opensuse-tumbleweed | opensuse-slowroll) return 1 ;; esac
    pm_reason="no package repository says which updates are for security (none has updateinfo)"
    for _f in /var/cache/zypp/raw/*/repodata/*updateinfo*; do [ ! -e "$_f" ] || return 0; done
    return 1
}

# ------------------------------------------------------------------------------------------------------ changing

# zypper_run LOCK_WAIT COMMAND…: with 102 it says that a reboot is due, with 103 that zypper itself is new: no failures.
zypper_run() {
    _patience=$1 pm_status=''
    shift
    pm_run "$_patience" zypper_do "$@" && return 0
    case $pm_status in 10[0123]) pm_reason=''; return 0 ;; esac
    return 1
}

zypper_do() { env ${zypper_fenced:+"ZYPP_CONF=$spool/zypp.conf"} zypper --non-interactive --no-refresh "$@"; }

# One package whose script refuses it ends the whole run of zypper. It must not keep the others from their updates.
zypper_upgrade() {
    [ -z "$everything" ] || zypper_wish=''
    # A look at mending has fenced off something else.
    [ -z "$zypper_fenced" ] || zypper_fence "$zypper_fenced" || return 1
    _first='' _rounds=0
    # shellcheck disable=SC2086 # a verb and its options, a list of names
    until zypper_run "$1" $zypper_verb --auto-agree-with-licenses $zypper_wish; do
        _first=${_first:-$pm_reason} _rounds=$((_rounds + 1))
        _bad=$(printf '%s\n' "$pm_said" | sed -n 's/^Installation of \(.*\)-[^-]*-[^-]* failed:.*/\1/p')
        if [ -z "$_bad" ] || [ "$_rounds" -ge 5 ]; then break; fi
        zypper_fence "$zypper_fenced$NL$_bad" || break
        _left=''
        for _n in $zypper_wish; do [ "$_n" = "$_bad" ] || _left="$_left $_n"; done
        [ -z "$zypper_wish" ] || [ -n "$_left" ] || break
        zypper_wish=$_left
    done
    pm_reason=$_first
    [ -z "$_first" ]
}

zypper_autoremove() {
    # shellcheck disable=SC2046 # a list of names
    zypper_run "$1" remove $(printf '%s' "$scan_removes" | sed 's/|.*//')
}

zypper_install() {
    _wait=$1
    shift
    zypper_run "$_wait" install --auto-agree-with-licenses "$@"
}

zypper_remove() {
    _wait=$1
    shift
    zypper_run "$_wait" remove "$@"
}

zypper_versions() { rpm -qa --qf "%{NAME}|$ZYPPER_EVR|installed\n" 2>/dev/null; }

zypper_leftovers() {
    _left=$(find /etc -xdev \( -name '*.rpmnew' -o -name '*.rpmsave' -o -name '*.rpmorig' \) 2>/dev/null | sort)
    each_line zypper_conffile "$_left"
}
zypper_conffile() {
    case $1 in
    *.rpmnew) finding "conffile:$1" "reason=the new version of a changed configuration file lies beside it" ;;
    *) finding "conffile:$1" "reason=the local version of a configuration file was put aside" ;;
    esac
}

# ------------------------------------------------------------------------------------------------------ failures

# Of the output, the lines that may hold the reason; before "scriptlet failed" what the script said last.
zypper_telling() {
    awk '
        /^rpm: / { next }
        /scriptlet failed/ && last != "" { print "~" last }
        /scriptlet failed|^Installation of |^Problem|^System management is locked|^Repository .* is invalid|^ - |^Error|^\(with --plus|No space left|[Rr]ead-only|Can.t provide file|needs .* on the .* filesystem|^No provider of|^! |conflicts? with file|^Signature verification|^Warning: Skipping repository|no enabled repositories/ { print }
        { last = $0 }'
}

zypper_lost_lock() { [ "$pm_status" = 7 ]; }

# The reason of a failure in one line, the most telling message first; from pm_said.
zypper_explain() {
    pm_reason='' _script='' _error='' _before='' _space=''
    each_line zypper_explain_line "$pm_said"
    case $_script in *"No space left on device"*) _space="disk full: $_script" ;; esac
    case $_space in "disk full"*) pm_full_disks; _space="disk full$_full${_space#disk full}" ;; esac
    pm_reason=${_space:-${_script:-${_error:-"zypper ended with status $pm_status"}}}
    [ -n "$_space$_script" ] || pm_no_room /var/cache /var/lib /usr
}

zypper_explain_line() {
    case $1 in
    "~"*) _before=${1#"~"} ;;
    *"No space left on device"* | *"needs "*" on the "*" filesystem"*) _space="disk full: ${1#Error: }" ;;
    *"Read-only file system"* | *"mounted as read-only"*) _space="read-only file system: ${1#Error: }" ;;
    *" scriptlet failed"*)
        _what=${1#*%} _package=${_what#*\(}
        _package=${_package%%\)*} _package=${_package%-*}
        _what="package ${_package%-*}: %${_what%%\(*} scriptlet failed${1##*scriptlet failed}${_before:+ ($_before)}"
        _script=$_script${_script:+; }$_what
        ;;
    "! "*) [ -n "$_error" ] || _error=${1#! } _error=${_error#" "} ;;
    "Installation of "* | "Problem occurred"* | " - Can't provide"*) ;;
    " - "*) case $_error in *"Can't provide file"*) _error="${_error%%. *}: ${1#" - "}" ;; esac ;;
    "Problem: "*) [ -n "$_error" ] || _error="the resolver says: ${1#Problem: }" ;;
    *) [ -n "$_error" ] || _error=$1 ;;
    esac
}

# ------------------------------------------------------------------------------------------------------ lists

# The oldest of the repositories counts: news from one say nothing about another.
zypper_lists_age() {
    _now=$(date +%s) _oldest=''
    _aliases=$(awk '
        /^\[/ { name = $0; gsub(/[][]/, "", name); on[name] = 1; next }
        /^enabled *= *(0|no|off|false)/ { delete on[name] }
        END { for (name in on) print name }' /etc/zypp/repos.d/*.repo 2>/dev/null)
    each_line zypper_list_stamp "$_aliases"
    lists_age=$((_now - ${_oldest:-0}))
    [ "$lists_age" -ge 0 ] || lists_age=0
}

zypper_list_stamp() {
    _s=$(date -r "/var/cache/zypp/raw/$1/repodata/repomd.xml" +%s 2>/dev/null) || _s=0
    if [ -z "$_oldest" ] || [ "$_s" -lt "$_oldest" ]; then _oldest=$_s; fi
}

zypper_refresh() {
    zypper_fenced=''
    _lists=$(cat /var/cache/zypp/solv/[!@]*/cookie 2>/dev/null)
    pm_run "$1" zypper --non-interactive refresh || {
        _number=0 _source='' _because='' _first=''
        each_line zypper_source "$pm_said"
        zypper_source_end
        [ "$pm_status" != 6 ] || _first="no package repository is defined"
        pm_reason=${_first:-$pm_reason}
        return 1
    }
    lists_news=''
    [ "$_lists" = "$(cat /var/cache/zypp/solv/[!@]*/cookie 2>/dev/null)" ] || lists_news=1
}

# Of a repository's history the first line that says something of it counts.
zypper_source() {
    case $1 in
    "Repository '"*"' is invalid."* | "Problem retrieving files from '"*)
        zypper_source_end
        _source=${1#*\'} _source=${_source%%\'*} _because=''
        ;;
    *"Signature verification failed"*) _because=${1#*- } ;;
    "Error message: "*) case $_because in *ignature*) ;; *) _because=${1#Error message: } ;; esac ;;
    " - "*"Can't provide"* | " - "*"Unknown error"* | " - "*"ABORT request"* | " - "*"Error trying to read"*) ;;
    " - "*) [ -n "$_because" ] || _because=${1#" - "} ;;
    esac
}

zypper_source_end() {
    [ -n "$_source" ] || return 0
    _number=$((_number + 1))
    pm_clock "$_source: ${_because:-no valid lists found}"
    finding "source:$_number" "reason=$REPLY"
    [ -n "$_first" ] || _first="package lists not refreshed: $REPLY"
}
