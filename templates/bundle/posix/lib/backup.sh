# Backups with one of several tools. Set before: tool (restic, borg, tar, rsync), repository, backup_host (the name of this host in
# the repository), cache, and the function backup_password, which prints the password. KIND is files, manifest (the list of hashes),
# db (a dump) or db-manifest. Each tool has a library with these functions, its name before theirs:
#
#   here                      false, with a verdict, if there is nothing to work with; sets encrypted (yes or no)
#   why                       from its last words, in $spool/tool, to why (a word of ours) and why_text
#   latest KIND               sets snapshot_id, snapshot_time and snapshot_at (seconds) of this host's last one, empty if there is none; false
#                             if the repository does not say. It takes no lock.
#   find ID                   likewise of the one whose id begins so, from the repository itself
#   init                      makes the repository
#   save                      the sources into a snapshot. 0; 3 if not all was read, which `unread` tells; else false. Sets snapshot,
#                             files, bytes and added (what the repository grew by)
#   differ                    how the snapshot just made differs from the one before: sets new, altered, gone
#   list ID                   a line for each entry, its status in $spool/status: `f SIZE PATH` for a file, u for one whose name cannot be written in a line (PATH ends before
#                             what cannot), d for a folder, o for all else
#   put KIND NAME             stdin as a snapshot with this one file; its id and size in $spool/put
#   get KIND ID NAME          that file to stdout; the last one for the ID latest
#   drop ID                   takes one away
#   restore ID TARGET [verify]  into a folder: what $spool/paths names, everything if it names nothing
#   read PART [PARTS]         checks the repository: `structure`, or that and one part of what is stored; read_said tells what is wrong
#   forget KIND…              what `keep` says stays of each kind, the rest goes
#   history                   `ID SECONDS PATHS` of each snapshot of files and databases, the newest last

# backup_here: false, with a verdict, if the tool or its folder is missing.
backup_here() {
    TZ=UTC
    export TZ
    "${tool}_here"
}

no_tool() { tell_backup no-tool "$1 is not installed on the host; mspctl run backup-tools puts it there"; }

# tool_failed [BEFORE]: a verdict from the tool's last words.
tool_failed() {
    "${tool}_why"
    tell_backup "$why" "${1-}$why_text"
}

# tell_backup WORD SENTENCE: the failure, and the same as a finding that can be counted.
tell_backup() {
    finding "backup:$1" level=critical "reason=$2"
    failed "$2"
}
unlocked=''

# fed_password PROGRAM ARGUMENT…: the password on descriptor 3, so it is in no argument, environment or file; our stdin stays stdin.
fed_password() {
    {
        backup_password | {
            exec 3<&0 <&4 4<&-
            exec "$@"
        }
    } 4<&0
}

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

# json_listing ROOT: what tools tell of files, an object a line, as `list` does; ROOT stands before each path.
json_listing() {
    awk -v root="$1" '
        !match($0, /"path": ?"[^"\\]*/) { next }
        {
            path = substr($0, RSTART, RLENGTH)
            plain = substr($0, RSTART + RLENGTH, 1) == "\""
            sub(/^"path": ?"/, root, path)
            if (/"type": ?"(file|-|h)"/) kind = plain ? "f" : "u"
            else kind = /"type": ?"(dir|d)"/ ? "d" : "o"
            size = 0
            if (match($0, /"size": ?[0-9]+/)) { size = substr($0, RSTART, RLENGTH); sub(/^"size": ?/, "", size) }
            print kind, size, path
        }'
}

# path_part PART PARTS BEFORE: of the lines on stdin those whose path, behind so many words, falls into a part. Paths are told apart by
# their ends, so that new ones do not move the others.
path_part() {
    awk -v part="$(($1 - 1))" -v parts="$2" -v before="$3" '
        BEGIN { all = " !\"#$%&()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~" }
        {
            path = $0
            for (at = 0; at < before; at++) sub(/^[^ ]* /, "", path)
            number = length(path)
            for (at = number > 12 ? number - 11 : 1; at <= length(path); at++) number = (number * 31 + index(all, substr(path, at, 1))) % 1000003
            if (number % parts == part) print
        }'
}

# backup_begin: sets begun (seconds) and begun_text (UTC), both of the same moment.
backup_begin() {
    _moment=$(date '+%s %Y-%m-%d %H:%M:%S')
    begun=${_moment%% *} begun_text=${_moment#* }
    begun_stamp=$(printf '%s' "$begun_text" | tr -d ':-' | tr ' ' T)
    # Snapshots are told apart by their second.
    [ "$begun" != "${snapshot_at:-}" ] || { sleep 1; backup_begin; }
}

# backup_ready: for a check; false, with a verdict, if the repository is not to be worked with. With init, one may be missing.
backup_ready() {
    no_repository=''
    if "${tool}_latest" files; then
        if not_yet; then return 1; fi
        return 0
    fi
    "${tool}_why"
    if [ "$why" = no-repository ] && [ -n "$init" ]; then
        no_repository=1
        needed repository "path=$repository"
    else
        tell_backup "$why" "$why_text"
        return 1
    fi
}

# backup_make: makes the repository that backup_ready has missed.
backup_make() {
    [ -n "$no_repository" ] || return 0
    if ! "${tool}_init"; then
        tool_failed
        return 1
    fi
    changed repository "path=$repository"
}

# last_files: for a check; false, with a verdict, without a snapshot of this host's files that is not of the future.
last_files() {
    if ! "${tool}_latest" files; then
        tool_failed
    elif [ -z "$snapshot_id" ]; then
        tell_backup not-there "the repository has no snapshot of $backup_host"
    elif ! not_yet; then
        return 0
    fi
    return 1
}

# forget_old KIND…: only once a good one is there.
forget_old() {
    [ -n "$keep" ] || return 0
    "${tool}_forget" "$@" && return 0
    "${tool}_why"
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

# well: whether what wrote $spool/status last ended well.
well() { [ "$(cat "$spool/status" 2>/dev/null)" = 0 ]; }

no_snapshot() { snapshot_id='' snapshot_time='' snapshot_at=''; }

# not_yet: true, with a verdict, if the last snapshot is from the future: freshness and retention would go by a wrong clock.
not_yet() {
    [ "${snapshot_at:-0}" -gt $(($(date +%s) + 300)) ] || return 1
    tell_backup clock "the last snapshot is of $snapshot_time, which has not come yet: a clock is wrong, now on this host or when it was made"
}
