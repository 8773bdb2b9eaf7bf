# Veeam Agent for Linux: the sessions of a job, `of` its name. The last one that ended decides; when the last good one ended is its age.
# Veeam does not say here how large the backup is.
foreign_veeam_agent() {
    there veeamconfig || return 0
    if ! _sessions=$(LC_ALL=C veeamconfig session list 2>&1); then
        saw unknown '' '' "veeamconfig does not answer: ${_sessions%%"$NL"*}"
        return 0
    fi
    _found=$(printf '%s\n' "$_sessions" | last_veeam "$1")
    _state=${_found%%|*} _good=${_found#*|}
    case $_state in
    Success) saw good "$(epoch_of "$_good")" '' "the last session of $1 ended with Success" ;;
    '') saw unknown '' '' "there is no ended session of a job $1" ;;
    *) saw bad "$(epoch_of "$_good")" '' "the last session of $1 ended with $_state" ;;
    esac
}

# Stands before the {…} of its id: name and kind; after it: state, and times of a minute, the last of which is the end.
last_veeam() {
    awk -v job="$1" '
        match($0, /[{][0-9a-fA-F-]+[}]/) {
            before = substr($0, 1, RSTART - 1); after = substr($0, RSTART + RLENGTH)
            sub(/[ \t]+$/, "", before); sub(/[ \t]+[^ \t]+$/, "", before); sub(/^[ \t]+/, "", before)
            sub(/[ \t]+$/, "", before)
            if (before != job) next
            count = split(after, word)
            if (word[1] != "Success" && word[1] != "Warning" && word[1] != "Failed") next
            if (word[count - 1] !~ /^[0-9]+-[0-9]+-[0-9]+$/) next
            end = word[count - 1] " " word[count]
            if (end >= last) { last = end; state = word[1] }
            if (word[1] == "Success" && end > good) good = end
        }
        END { print state "|" good }'
}
