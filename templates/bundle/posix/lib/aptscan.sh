# What apt would do and what dpkg is left with: one simulation and one look at dpkg's records.

# apt_scan [ARGUMENT…]: ask the resolver what `apt-get ARGUMENT…` would do (default: upgrade --with-new-pkgs). Sets
#   scan_error   why there is no answer, else empty
#   scan_pending name|old|new|security per line: what it would install or upgrade
#   scan_removes name|old: what it would remove
#   scan_held    name|old|new|security|reason: what stays behind
#   scan_broken  name|version|state: what dpkg has not finished
apt_scan() {
    scan_error=''
    [ $# -gt 0 ] || set -- upgrade --with-new-pkgs
    apt_ask "$@" || apt_scan_failed
    # shellcheck disable=SC2016 # dpkg-query's own variables
    _status=$(dpkg-query -W -f '${Status}|${Package}|${Version}\n' 2>/dev/null)
    _records=$(printf '%s\n-- dpkg\n%s\n' "$_sim" "$_status" | awk "$APT_AWK")
    scan_pending='' scan_removes='' scan_held='' scan_broken='' scan_holds='' _doubt=''
    each_line apt_scan_record "$_records"
    [ -z "$_doubt" ] || apt_scan_doubts
    for _j in /var/lib/dpkg/updates/[0-9]*; do
        [ ! -e "$_j" ] || scan_broken="${scan_broken}dpkg||interrupted$NL"
        break
    done
}

apt_ask() {
    # shellcheck disable=SC2086 # options
    _sim=$(apt-get $APT_SIMULATE "$@" 2>&1) && return
    # Even a question takes apt a temporary file; memory has room where a full or read-only disk has none.
    case $_sim in *mkstemp*) ;; *) return 1 ;; esac
    # shellcheck disable=SC2086 # options
    _sim=$(TMPDIR=/dev/shm apt-get $APT_SIMULATE -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@" 2>&1)
}

apt_scan_failed() {
    apt_said=$(printf '%s\n' "$_sim" | grep '^E: ')
    apt_status=100
    apt_explain apt-get
    scan_error=$apt_reason
}

APT_AWK='
$0 == "-- dpkg" { part = 2; next }
part != 2 {
    if ($1 == "Inst") {
        old = ""; at = 3
        if ($3 ~ /^\[/) { old = $3; gsub(/[][]/, "", old); at = 4 }
        new = $at; sub(/^\(/, "", new)
        origin = tolower($0); sub(/^[^(]*\([^ ]*/, "", origin)
        print "P|" $2 "|" old "|" new "|" (origin ~ /security|ubuntuesm/ ? "yes" : "no")
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
        case $_r in *"|no") _doubt="$_doubt ${_r%%|*}" ;; esac ;;
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
    each_line apt_scan_policy "$_table"
    _list=$scan_pending scan_pending=''
    each_line apt_scan_settle "$_list"
    _list=$scan_held scan_held=''
    each_line apt_scan_settle_held "$_list"
}

apt_scan_policy() {
    case $1 in
    security*) _security="$_security${1#*|} " ;;
    phased*) _phased="$_phased${1#*|} " ;;
    esac
}

apt_scan_settle() {
    case $_security in *" ${1%%|*} "*) set -- "${1%|*}|yes" ;; esac
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

# apt_report: metrics, findings and held packages of the last scan.
apt_report() {
    _pending=0 _pending_security=0 _held=0 _broken=0 apt_security=''
    each_line apt_report_pending "$scan_pending"
    each_line apt_report_held "$scan_held"
    each_line apt_report_hold "$scan_holds"
    each_line apt_report_broken "$scan_broken"
    metric packages.pending "$_pending"
    metric packages.security "$_pending_security"
    metric packages.held "$_held"
    metric packages.broken "$_broken"
}

# name|old|new|security into _name _old _new _sec
apt_fields() {
    _name=${1%%|*} _r=${1#*|}
    _old=${_r%%|*} _r=${_r#*|}
    _new=${_r%%|*} _r=${_r#*|}
    _sec=${_r%%|*}
}

apt_report_pending() {
    apt_fields "$1"
    # A package that only comes along as a new dependency is no pending update.
    [ -n "$_old" ] || return 0
    _pending=$((_pending + 1))
    if [ "$_sec" = yes ]; then
        _pending_security=$((_pending_security + 1))
        apt_security="$apt_security ${_name%%:*}"
    fi
    finding "pending:$_name" "old=$_old" "new=$_new" "security=$_sec"
}

apt_report_held() {
    apt_fields "$1"
    _held=$((_held + 1))
    held "$_name" "old=$_old" "new=$_new" "security=$_sec" "reason=${1##*|}"
}

# A hold with nothing newer to hold back is said as well: it will matter some day.
apt_report_hold() {
    case $NL$scan_held in *"$NL${1%%|*}|"* | *"$NL${1%%|*}:"*) return 0 ;; esac
    held "${1%%|*}" "old=${1#*|}" new= security=no reason=hold
}

apt_report_broken() {
    _broken=$((_broken + 1))
    _r=${1#*|}
    finding "broken:${1%%|*}" "version=${_r%%|*}" "state=${_r#*|}"
}

# The names in a list of name|… lines, in one line.
apt_names() {
    _names=''
    each_line apt_name "$1"
    printf '%s' "${_names#, }"
}
apt_name() { _names="$_names, ${1%%|*}"; }

apt_conffiles() {
    _left=$(find /etc -xdev \( -name '*.dpkg-dist' -o -name '*.dpkg-new' -o -name '*.ucf-dist' \) 2>/dev/null | sort)
    each_line apt_conffile "$_left"
}
apt_conffile() { finding "conffile:$1" "reason=the new version of a changed configuration file lies beside it"; }

# Services that still run code from before the upgrade, as needrestart sees them.
apt_services() {
    command -v needrestart >/dev/null 2>&1 || return 0
    _stale=$(needrestart -b -r l 2>/dev/null </dev/null | sed -n 's/^NEEDRESTART-SVC: *//p')
    each_line apt_service "$_stale"
}
apt_service() { finding "restart:$1" "reason=runs code from before the upgrade"; }
