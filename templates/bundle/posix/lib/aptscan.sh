# What apt would do and what dpkg is left with: one simulation and one look at dpkg's records.

APT_SIMULATE='-s -q -V -o Debug::NoLocking=true'

apt_scan() {
    scan_error='' scan_pending='' scan_removes='' scan_held='' scan_broken='' scan_holds='' scan_mend='' scan_replaces='' _doubt=''
    _mode=${1:-upgrade}
    apt_wish=''
    [ "$_mode" = mend ] || apt_pins=''
    [ $# = 0 ] || shift
    case $_mode in
    upgrade) set -- upgrade --with-new-pkgs ;;
    full) set -- dist-upgrade ;;
    autoremove) set -- autoremove ;;
    mend) set -- --no-remove --fix-broken install ;;
    *) set -- "$_mode" "$@" ;;
    esac
    apt_ask "$@" || apt_scan_failed
    # shellcheck disable=SC2016 # dpkg-query's own variables
    _status=$(dpkg-query -W -f '${Status}|${Package}|${Version}\n' 2>/dev/null)
    _records=$(printf '%s\n-- dpkg\n%s\n' "$_sim" "$_status" | awk "$APT_AWK")
    each_line apt_scan_record "$_records"
    [ -z "$_doubt" ] || apt_scan_doubts
    for _j in /var/lib/dpkg/updates/[0-9]*; do
        [ ! -e "$_j" ] || scan_broken="${scan_broken}dpkg||interrupted$NL"
        break
    done
    [ -z "$scan_broken" ] || scan_mend="dpkg --configure -a"
    case $scan_error in *[Uu]"nmet dependencies"*) scan_mend=${scan_mend:-"apt-get --fix-broken install"} ;; esac
}

apt_ask() {
    # shellcheck disable=SC2086 # options
    _sim=$(apt-get $APT_SIMULATE $apt_pins "$@" 2>&1) && return
    # Even a question takes apt a temporary file; memory has room where a full or read-only disk has none.
    case $_sim in *mkstemp*) ;; *) return 1 ;; esac
    # shellcheck disable=SC2086 # options
    _sim=$(TMPDIR=/dev/shm apt-get $APT_SIMULATE $apt_pins -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@" 2>&1)
}

apt_scan_failed() {
    pm_said=$(printf '%s\n' "$_sim" | grep '^E: ')
    pm_status=100
    apt_explain apt-get
    scan_error=$pm_reason
}

APT_AWK='
$0 == "-- dpkg" { part = 2; next }
part != 2 {
    if ($1 == "Inst") {
        old = ""; at = 3
        if ($3 ~ /^\[/) { old = $3; gsub(/[][]/, "", old); at = 4 }
        new = $at; sub(/^\(/, "", new)
        origin = tolower($0); sub(/^[^(]*\([^ ]*/, "", origin)
        print "P|" $2 "|" old "|" new "|" (origin ~ /security|ubuntuesm/ ? "yes" : "no") "|"
    } else if ($1 == "Remv" || $1 == "Purg") {
        old = $3; gsub(/[][]/, "", old); print "R|" $2 "|" old
    } else if ($0 ~ /^[A-Z].*:$/) {
        section = ""
        if ($0 ~ /kept back/) section = "kept-back"
        if ($0 ~ /phasing/) section = "phased"
    } else if ($0 ~ /^  / && section != "" && $3 == "=>") {
        old = $2; sub(/^\(/, "", old); new = $4; sub(/\)$/, "", new)
        print "K|" $1 "|" old "|" new "|" section
    } else if ($0 !~ /^ /) section = ""
    next
}
{
    split($0, field, "|")
    split(field[1], is, " ")
    if (is[3] == "" || is[3] == "config-files" || is[3] == "not-installed") next
    if (is[1] == "hold") print "H|" field[2] "|" field[3]
    if (is[3] != "installed" || is[2] != "ok") print "B|" field[2] "|" field[3] "|" (is[2] != "ok" ? is[2] : is[3])
}'

apt_scan_record() {
    _r=${1#*|}
    case $1 in
    P*) scan_pending=$scan_pending$_r$NL
        case $_r in *"|no|") _doubt="$_doubt ${_r%%|*}" ;; esac ;;
    R*) scan_removes=$scan_removes$_r$NL ;;
    K*) scan_held=$scan_held$_r$NL _doubt="$_doubt ${_r%%|*}" ;;
    H*) scan_holds="$scan_holds${_r%%|*}|${_r#*|}$NL" ;;
    B*) scan_broken=$scan_broken$_r$NL ;;
    esac
}

# A newer version from another archive can hide that a security one lies between; and kept back may mean phased.
# The version table knows: one more process, only when something is pending.
apt_scan_doubts() {
    # shellcheck disable=SC2086 # a list of names
    _table=$(apt-cache policy $_doubt 2>/dev/null | awk '
        /^[^ ].*:$/ { name = substr($0, 1, length($0) - 1); newer = 1; next }
        /^  Version table:/ { next }
        /^ \*\*\* / { newer = 0; next }
        /\(phased [0-9]+%\)/ && newer { print "phased|" name }
        newer && /^ +-?[0-9]+ .*\// && tolower($0) ~ /security|[-\/]esm/ && !said[name]++ { print "security|" name }')
    _security=" " _phased=" "
    each_line apt_scan_table "$_table"
    _list=$scan_pending scan_pending=''
    each_line apt_scan_settle "$_list"
    _list=$scan_held scan_held=''
    each_line apt_scan_settle_held "$_list"
}

apt_scan_table() {
    case $1 in
    security*) _security="$_security${1#*|} " ;;
    phased*) _phased="$_phased${1#*|} " ;;
    esac
}

apt_scan_settle() {
    case $_security in *" ${1%%|*} "*) set -- "${1%|*|}|yes|" ;; esac
    scan_pending=$scan_pending$1$NL
}

# name|old|new|section becomes name|old|new|security|reason
apt_scan_settle_held() {
    _because=${1##*|} _sec=no _name=${1%%|*}
    case $_security in *" $_name "*) _sec=yes ;; esac
    case $_phased in *" $_name "*) _because=phased ;; esac
    case $NL$scan_holds in *"$NL${_name%%:*}|"*) _because=hold ;; esac
    scan_held="$scan_held${1%|*}|$_sec|$_because$NL"
}

# False, with pm_reason, where no archive for security updates is among the sources: then none ever comes. An apt that is
# too old for the question has no answer.
apt_security_ready() {
    pm_reason="no package source of this host says which updates are for security (none is a security archive)"
    # shellcheck disable=SC2016 # apt's own variables
    _archives=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(SUITE) $(LABEL) $(ORIGIN)' 'Created-By: Packages' 2>/dev/null) ||
        return 0
    printf '%s\n' "$_archives" | grep -iqE 'security|ubuntuesm|[-/]esm'
}

# ------------------------------------------------------------------------------------------------------ closure

# Sets apt_wish, which upgrade asks for, beside chosen.
apt_closure() {
    apt_pin || { scan_error=$pm_reason; return 0; }
    if [ "$scope" = all ]; then apt_wish_for_all; else apt_wish_for "$targets"; fi
    apt_resolve && return 0
    # Named packages are all or none to apt. One that cannot be had must not keep the others from their updates.
    if [ "$scope" = all ]; then apt_scan_failed; return 0; fi
    apt_wish_for_possible || return 0
    apt_resolve || apt_scan_failed
}

apt_wish_for_all() {
    apt_wish='upgrade --with-new-pkgs'
    [ -z "$allow_removals" ] || apt_wish=dist-upgrade
}

apt_wish_for() {
    apt_wish="--only-upgrade --no-remove install $1"
    [ -z "$allow_removals" ] || apt_wish="--only-upgrade install $1"
}

apt_wish_for_possible() {
    _possible=''
    for _target in $targets; do
        apt_wish_for "$_target"
        # shellcheck disable=SC2086 # options
        if apt_ask $apt_wish; then _possible="$_possible $_target"; fi
    done
    apt_wish=''
    [ -n "$_possible" ] && apt_wish_for "$_possible"
}

apt_resolve() {
    # shellcheck disable=SC2086 # options and lists
    apt_ask $apt_wish || return 1
    chosen='' scan_removes=''
    _resolved=$(printf '%s\n' "$_sim" | awk "$APT_AWK")
    each_line apt_resolve_record "$_resolved"
}

# The scan knows better than the simulation alone whether an update is one for security.
apt_resolve_record() {
    _r=${1#*|}
    case $1 in
    R*) scan_removes=$scan_removes$_r$NL ;;
    P*)
        case $NL$scan_pending in
        *"$NL${_r%|*|}|yes|"*) chosen="$chosen${_r%|*|}|yes|$NL" ;;
        *) chosen=$chosen$_r$NL ;;
        esac
        ;;
    esac
}

# apt_pin: a preferences file of this run's own, before the host's: of what is barred the installed version counts. Nothing
# is put on hold on the host, so nothing can be left on hold. False, with pm_reason, when it cannot be written.
apt_pin() {
    apt_pins=''
    [ -n "$barred" ] || return 0
    _pins=''
    each_line apt_pin_one "$barred"
    if { printf '%s\n' "$_pins" && { [ ! -r /etc/apt/preferences ] || cat /etc/apt/preferences; }; } >"$spool/preferences"; then
        apt_pins="-o Dir::Etc::preferences=$spool/preferences"
        return 0
    fi
    pm_reason="what the policy keeps back cannot be written to $spool"
    return 1
}

# No pin of the host's is stronger. Something that is not installed and must not come along has no version that counts.
apt_pin_one() {
    pm_fields "$1"
    if [ -n "$_old" ]; then _pin="version $_old" _priority=32767; else _pin='version *' _priority=-1; fi
    _pins="$_pins${NL}Package: $_name${NL}Pin: $_pin${NL}Pin-Priority: $_priority$NL"
}
