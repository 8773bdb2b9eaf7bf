# Bareos and Bacula: the director's list of a job, `of` its name, asked with bconsole on the director. Its age counts from its start.
foreign_bareos() {
    there bconsole || return 0
    case $1 in *[!A-Za-z0-9._-]*) saw unknown '' '' "$1 is no name of a job"; return 0 ;; esac
    if ! _list=$(printf 'list jobs job=%s\nquit\n' "$1" | LC_ALL=C bconsole 2>&1); then
        saw unknown '' '' "bconsole does not answer: ${_list%%"$NL"*}"
        return 0
    fi
    _found=$(printf '%s\n' "$_list" | last_director_job)
    _state=${_found%%|*} _rest=${_found#*|}
    _good=${_rest%%|*} _bytes=${_rest#*|}
    case $_state in
    T) saw good "$(epoch_of "$_good")" "$_bytes" "the last run of $1 ended well" ;;
    '') saw unknown '' '' "the director lists no ended run of $1" ;;
    *) saw bad "$(epoch_of "$_good")" "$_bytes" "the last run of $1 ended with the state $_state" ;;
    esac
}

# The columns have other places in each version, but names. R and C: running, created.
last_director_job() {
    awk -F '|' '
        /^\|/ {
            for (i = 2; i < NF; i++) gsub(/^ +| +$/, "", $i)
            if (!at["jobstatus"]) {
                for (i = 2; i < NF; i++) at[tolower($i)] = i
                next
            }
            status = $at["jobstatus"]
            if (status == "" || status == "R" || status == "C") next
            if ($at["starttime"] >= last) { last = $at["starttime"]; state = status }
            if (status == "T" && $at["starttime"] > good) {
                good = $at["starttime"]; bytes = $at["jobbytes"]; gsub(/,/, "", bytes)
            }
        }
        END { print state "|" good "|" bytes }'
}
