# restic with a repository. Set before: repository, backup_host (the name of this host in the repository), restic_cache, and
# the function restic_password, which prints the password. What restic says goes to $spool/restic.

# restic_here: false, with a verdict, if there is no restic to work with.
restic_here() {
    if ! command -v restic >/dev/null 2>&1; then
        tell_backup no-tool "restic is not installed on the host; mspctl run backup-tools puts it there"
        return 1
    fi
    RESTIC_CACHE_DIR=$restic_cache RESTIC_PROGRESS_FPS=0.01 TZ=UTC
    export RESTIC_CACHE_DIR RESTIC_PROGRESS_FPS TZ
}

# restic_do ARGUMENT…: the password arrives on a pipe of its own, so it is in no argument, environment or file.
restic_do() {
    restic_feed /dev/null "$@" >"$spool/restic" 2>&1
}

# restic_feed FILE ARGUMENT…: with FILE on stdin, and what restic says where the caller wants it.
restic_feed() {
    _stdin=$1
    shift
    restic_piped "$@" <"$_stdin"
}

# restic_piped ARGUMENT…: as restic_feed, with our stdin.
restic_piped() {
    {
        restic_password | {
            exec 3<&0 <&4 4<&-
            exec restic --repo "$repository" --password-file /proc/self/fd/3 "$@"
        }
    } 4<&0
}

# tell_backup WORD SENTENCE: the failure, and the same as a finding that can be counted.
tell_backup() {
    finding "backup:$1" level=critical "reason=$2"
    failed "$2"
}

# restic_why: from restic's own last words to why (a word of ours) and why_text. Its exit status tells less.
restic_why() {
    _said=$(tail -c 20000 "$spool/restic" 2>/dev/null | tr -d '\000')
    why_text=$(printf '%s\n' "$_said" | grep -v -e '^ *$' -e '^{' | tail -n 1 | cut -c 1-300)
    # Since 0.18 the last words are JSON, too, where JSON was asked for.
    [ -n "$why_text" ] ||
        why_text=$(printf '%s\n' "$_said" | sed -n 's/^{.*"message":"\(.*\)"}$/\1/p' | tail -n 1 | cut -c 1-300)
    case $_said in
    *'wrong password or no key found'*) why=wrong-password why_text="the password does not open the repository" ;;
    *'already locked'*)
        why=locked why_text="somebody else has locked the repository: $(printf '%s\n' "$_said" | grep 'already locked' | tail -n 1 | cut -c 1-300)"
        ;;
    *'No space left on device'* | *'no space left on device'* | *'isk quota exceeded'* | *'507 Insufficient'*)
        why=repository-full why_text="no space left: $why_text"
        ;;
    *'no such file or directory'*'Is there a repository'* | *'does not exist'*'Is there a repository'* | *'404 Not Found'*'Is there a repository'*)
        why=no-repository
        why_text="there is no repository at $repository; if its disk is mounted and this is the first backup, run again with -e init=true"
        ;;
    *'connection refused'* | *'Connection refused'* | *'no such host'* | *'Could not resolve'* | *'timed out'* | *'Host key'* | \
        *'Permission denied (publickey'* | *'unable to start the sftp session'* | *'no route to host'* | *'No route to host'*)
        why=unreachable why_text="the repository cannot be reached: $why_text"
        ;;
    *'ciphertext verification failed'* | *'does not match'* | *'invalid data returned'* | *'wrong hash'* | *'unexpected EOF'* | \
        *'not found in repository'* | *'not found in index'* | *'file is truncated'* | *'contains errors'* | *'Damaged pack'* | *'load <'*)
        why=damaged why_text="the repository is damaged: $why_text"
        ;;
    *) why=failed why_text="restic failed: ${why_text:-it said nothing}" ;;
    esac
}

# restic_try ARGUMENT…: as restic_do; a lock that nobody holds any more is taken away, once, and told.
restic_try() {
    restic_do "$@" && return 0
    _status=$?
    [ "$_status" = 1 ] || [ "$_status" -ge 10 ] || return "$_status"
    restic_why
    [ "$why" = locked ] || return "$_status"
    # Without --remove-all it removes only those of dead processes of this host, and those that nobody has renewed.
    restic_do unlock || return "$_status"
    restic_do "$@"
    _status=$?
    [ "$_status" = 1 ] || unlocked=1
    return "$_status"
}
unlocked=''

# hash_of FILE: sets REPLY to its SHA-256; false if it cannot be read in ten minutes (it may have become a pipe meanwhile). For
# names without backslashes and newlines.
hash_of() {
    if command -v timeout >/dev/null 2>&1; then
        REPLY=$(timeout 600 sha256sum -- "$1" 2>/dev/null) || return 1
    else
        REPLY=$(sha256sum -- "$1" 2>/dev/null) || return 1
    fi
    REPLY=${REPLY%% *}
}

# remove_left PATTERN: what a run that was ended left in $scratch. The host is locked, so nobody is at work in it.
remove_left() { find "$scratch" -maxdepth 1 -type d -name "$1" -user "$(id -u)" -exec rm -rf {} + 2>/dev/null; }

# json_number NAME TEXT: sets REPLY to the number that the last line of JSON has under this name, 0 if none.
json_number() {
    REPLY=$(printf '%s\n' "$2" | sed -n 's/.*"'"$1"'":\([0-9]*\).*/\1/p' | tail -n 1)
    REPLY=${REPLY:-0}
}

# json_text NAME TEXT: likewise a text without quotes in it, empty if none.
json_text() { REPLY=$(printf '%s\n' "$2" | sed -n 's/.*"'"$1"'":"\([^"\\]*\)".*/\1/p' | tail -n 1); }

# seconds_of TIME: sets REPLY to an RFC 3339 time in seconds since 1970; empty if it is none.
seconds_of() {
    REPLY=$(printf '%s\n' "$1" | awk '
        match($0, /^[0-9]+-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) {
            y = substr($0, 1, 4) + 0; m = substr($0, 6, 2) + 0; d = substr($0, 9, 2) + 0
            s = substr($0, 12, 2) * 3600 + substr($0, 15, 2) * 60 + substr($0, 18, 2)
            zone = substr($0, RLENGTH + 1); sub(/^\.[0-9]+/, "", zone)
            if (zone ~ /^[+-]/) s -= (substr(zone, 1, 1) "1") * (substr(zone, 2, 2) * 3600 + substr(zone, 5, 2) * 60)
            if (m <= 2) { y -= 1; m += 12 }
            days = 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469
            printf "%.0f\n", days * 86400 + s
        }')
}

# restic_begin: sets begun (seconds) and begun_text (as restic wants a time), both of the same moment.
restic_begin() {
    _moment=$(date '+%s %Y-%m-%d %H:%M:%S')
    begun=${_moment%% *} begun_text=${_moment#* }
}

# restic_ready: for a check; false, with a verdict, if the repository is not to be worked with. With init, one may be missing.
restic_ready() {
    no_repository=''
    if last_snapshot; then
        if not_yet; then return 1; fi
    elif [ "$why" = no-repository ] && [ -n "$init" ]; then
        no_repository=1
        needed repository "path=$repository"
    else
        tell_backup "$why" "$why_text"
        return 1
    fi
}

# restic_make: makes the repository that restic_ready has missed.
restic_make() {
    [ -n "$no_repository" ] || return 0
    if restic_do init; then
        changed repository "path=$repository"
        return 0
    fi
    restic_why
    tell_backup "$why" "$why_text"
    return 1
}

# forget_old TAGS GROUPING: TAGS are arguments in one text; what `keep` says stays, the rest goes. Only once a good one is there.
forget_old() {
    [ -n "$keep" ] || return 0
    # shellcheck disable=SC2086 # arguments
    set -- forget --host "$backup_host" $1 --group-by "$2" --prune
    for _k in $keep; do set -- "$@" "--keep-${_k%%=*}" "${_k#*=}"; done
    restic_try "$@" && return 0
    restic_why
    finding backup:retention level=warning "reason=the backup is good, but old snapshots could not be removed: $why_text"
}

# look_at_rule RULE: a problem if it does not say what to keep.
look_at_rule() {
    case ${1%%=*}:${1#*=} in
    *:*[!0-9]* | *: | *:0*) ;;
    last:* | hourly:* | daily:* | weekly:* | monthly:* | yearly:*) return 0 ;;
    esac
    problem retention "$1 does not say what to keep; daily=7 would"
}

# problem WORD SENTENCE: one of several; `problems` has all sentences.
problem() {
    finding "backup:$1" level=critical "reason=$2"
    problems="${problems:+$problems; }$2"
}

# tell_unlocked: a lock that was taken away is told.
tell_unlocked() {
    [ -z "$unlocked" ] || finding backup:stale-lock level=warning "reason=an earlier run left the repository locked and is gone; the lock was taken away"
}

# last_snapshot: sets snapshot_id, snapshot_time and snapshot_at (in seconds) of this host's last backup, all empty if there is
# none; false, with why and why_text, if the repository does not say. It takes no lock.
last_snapshot() {
    snapshot_id='' snapshot_time='' snapshot_at=''
    restic_do snapshots --no-lock --json --host "$backup_host" --tag mspctl || { restic_why; return 1; }
    read_snapshot
}

# read_snapshot: the last one that restic has just listed.
read_snapshot() {
    _last=$(awk '{ gsub(/"short_id":"[0-9a-f]*"}/, "&\n"); print }' "$spool/restic" | grep '"short_id"' | tail -n 1)
    json_text id "$_last"
    snapshot_id=$REPLY
    json_text time "$_last"
    snapshot_time=$REPLY
    seconds_of "$snapshot_time"
    snapshot_at=$REPLY
}

# not_yet: true, with a verdict, if the last snapshot is from the future: freshness and retention would go by a wrong clock.
not_yet() {
    [ "${snapshot_at:-0}" -gt $(($(date +%s) + 300)) ] || return 1
    tell_backup clock "the last snapshot is of $snapshot_time, which has not come yet: a clock is wrong, now on this host or when it was made"
}
