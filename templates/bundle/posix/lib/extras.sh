# What modules for software beyond the system's packages share. A record is a line name|old|new.

# extras_here TOOL: false, with the verdict said, if the step is switched off or the host has no such tool. Starts nothing.
extras_here() {
    [ -n "$wanted" ] || { skipped "not asked for"; return 1; }
    command -v "$1" >/dev/null 2>&1 || { skipped "there is no $1 here"; return 1; }
}

# extras_judge KIND: the verdict on the records in $pending and $kept (which somebody on the host put on hold).
extras_judge() {
    extras_count=0 extras_kept=0
    each_line extras_need "$pending"
    each_line extras_keep "$kept"
    metric "$1.pending" "$extras_count"
    [ "$extras_kept" = 0 ] || metric "$1.held" "$extras_kept"
    ok "nothing is pending"
}

extras_fields() {
    extras_name=${1%%|*} extras_old=${1#*|}
    extras_new=${extras_old#*|} extras_old=${extras_old%%|*}
}

extras_need() {
    extras_fields "$1"
    extras_count=$((extras_count + 1))
    finding "pending:$extras_name" "old=$extras_old" "new=$extras_new"
    needed "$extras_name" "old=$extras_old" "new=$extras_new"
}

extras_keep() {
    extras_fields "$1"
    extras_kept=$((extras_kept + 1))
    held "$extras_name" "old=$extras_old" "new=$extras_new" reason=hold
}

# extras_version LIST NAME: sets version to what the list (lines name|version) says; empty if the name is not in it.
extras_version() {
    version=''
    case "$NL$1$NL" in
    *"$NL$2|"*)
        version="$NL$1$NL"
        version=${version#*"$NL$2|"}
        version=${version%%"$NL"*}
        ;;
    esac
}

# extras_changed BEFORE AFTER: what is another version than before, has come or has gone; never what a tool said.
extras_changed() {
    extras_before=$1 extras_after=$2
    each_line extras_compare "$extras_after"
    each_line extras_gone "$extras_before"
}

extras_compare() {
    extras_version "$extras_before" "${1%%|*}"
    [ "$version" = "${1#*|}" ] || changed "${1%%|*}" "old=$version" "new=${1#*|}"
}

extras_gone() {
    extras_version "$extras_after" "${1%%|*}"
    [ -n "$version" ] || changed "${1%%|*}" "old=${1#*|}" new=
}

# extras_ask COMMAND…: sets answer to what it prints; false, with trouble said, if it fails. Warnings are no part of the answer.
extras_ask() {
    answer=$("$@" 2>"$spool/said") && return 0
    extras_trouble "$(cat "$spool/said")$NL$answer"
    return 1
}

# extras_trouble TEXT: the line that says what went wrong: the first with an error, else the last.
extras_trouble() {
    trouble=$(printf '%s\n' "$1" | grep -iE '^(error|e):' | head -n 1)
    [ -n "$trouble" ] || trouble=$(printf '%s\n' "$1" | grep . | tail -n 1)
}
