# What apt did last, from its history, and the way back: the versions from before, as far as the sources still have them.

# apt_undo_scan SINCE: sets undo_changes (name|now|before|security|, before is empty for what came new) to what rolling back
# the transactions since then (local time, as in the history; empty: the last one) would change, and undo_error.
apt_undo_scan() {
    undo_changes='' undo_error='' apt_back='' apt_pins='' _came=' '
    _history=$(apt_history | awk -v since="$1" "$APT_HISTORY")
    case $_history in
    '') undo_error="apt's history tells of no transaction${1:+ since $1}"; return 0 ;;
    undone*) return 0 ;;
    esac
    apt_installed=$NL$(apt_versions)
    each_line apt_undo_record "$_history"
    [ -n "$apt_back" ] || return 0
    # shellcheck disable=SC2086 # options and lists
    if ! apt_ask --allow-downgrades install $apt_back; then
        apt_scan_failed
        undo_error="cannot be rolled back: $scan_error"
        return 0
    fi
    chosen='' scan_removes='' scan_pending=''
    _resolved=$(printf '%s\n' "$_sim" | awk "$APT_AWK")
    each_line apt_resolve_record "$_resolved"
    undo_changes=$chosen
    each_line apt_undo_removal "$scan_removes"
}

# The history, the rotated part first: it may hold the night that is to be undone.
apt_history() {
    [ ! -r /var/log/apt/history.log.1.gz ] || gzip -dc /var/log/apt/history.log.1.gz 2>/dev/null
    [ ! -r /var/log/apt/history.log ] || cat /var/log/apt/history.log
}

# Per package what it was before the first of those transactions, or that it was not there: name|version. A roll back of
# ours says so on its command line, so that it is not itself rolled back.
APT_HISTORY='
function forget() { split("", before); split("", order); count = 0 }
function take(list, installs,   n, i, each, name, version) {
    n = split(list, each, /\), /)
    for (i = 1; i <= n; i++) {
        name = each[i]; sub(/ \(.*/, "", name)
        version = each[i]; sub(/^[^(]*\(/, "", version); sub(/[,)].*/, "", version)
        if (name in before) continue
        before[name] = installs ? "" : version
        order[++count] = name
    }
}
function begin() {
    if (fresh) forget()
    fresh = undone = 0
}
/^Start-Date: / {
    start = substr($0, 13); gsub(/  +/, " ", start)
    # Finishing what was half done changes no version: the last transaction is the one before.
    fresh = since == ""
    counts = since == "" || start >= since
    undoing = 0
}
!counts && !undoing { next }
/^Commandline: .*Mspctl::Undo=/ { undoing = 1; counts = 0 }
# A roll back that failed has undone nothing for certain.
undoing && /^Error: / { undoing = 0 }
undoing && /^End-Date: / { forget(); undone = 1; undoing = 0 }
!counts { next }
/^(Upgrade|Downgrade|Remove|Purge|Reinstall): / { begin(); take(substr($0, index($0, " ") + 1), 0) }
/^Install: / { begin(); take(substr($0, 10), 1) }
END {
    if (undone) print "undone"
    for (i = 1; i <= count; i++) print order[i] "|" before[order[i]]
}'

apt_undo_record() {
    if [ -n "${1#*|}" ]; then
        apt_back="$apt_back ${1%%|*}=${1#*|}"
    else
        _came="$_came${1%%|*} "
        case $apt_installed in *"$NL${1%%|*}|"* | *"$NL${1%%:*}|"*) apt_back="$apt_back ${1%%|*}-" ;; esac
    fi
}

# Only what came with those transactions may go.
apt_undo_removal() {
    case $_came in
    *" ${1%%|*} "* | *" ${1%%|*}:"*) undo_changes="$undo_changes${1%%|*}|${1#*|}||no|$NL" ;;
    *) undo_error="cannot be rolled back: ${1%%|*} would be removed, too" ;;
    esac
}

apt_undo() {
    # shellcheck disable=SC2086 # options and lists
    pm_run "$1" apt-get $APT_QUIET -o Mspctl::Undo=yes --allow-downgrades install $apt_back
}
