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
#   put KIND NAME [MARK]      stdin as a snapshot with this one file; its id and size in $spool/put. A list that says of the snapshot
#                             beside it that it is suspicious has the mark suspicious
#   get KIND ID NAME          that file to stdout; the last one for the ID latest
#   drop                      takes those away that $spool/old names, each as `KIND ID`
#   tidy                      gives back the room that they took
#   restore ID TARGET [verify]  into a folder: what $spool/paths names, everything if it names nothing
#   read PART [PARTS]         checks the repository: `structure`, or that and one part of what is stored; read_said tells what is wrong
#   rows                      `ID SECONDS KIND MARK PATHS` of each snapshot of this host, in any order; the mark is - if there is none. Of
#                             another kind are `other` (not made by us) and `half` (left by a run that was ended)

# backup_here: false, with a verdict, if the tool or its folder is missing.
backup_here() {
    TZ=UTC
    export TZ
    "${tool}_here"
}

# missing_hint: who backs up may make a repository; who restores must not.
missing_hint() {
    if [ -n "${may_make-}" ]; then
        printf %s '; if its disk is mounted and this is the first backup, run again with -e init=true'
    else
        printf %s '; is its disk mounted, is its path the one in the inventory?'
    fi
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

# For awk: seconds(TIME) of an RFC 3339 time since 1970, empty if it is none.
awk_seconds='
    function seconds(time,    y, m, d, s, zone) {
        if (!match(time, /^[0-9]+-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]/)) return ""
        y = substr(time, 1, 4) + 0; m = substr(time, 6, 2) + 0; d = substr(time, 9, 2) + 0
        s = substr(time, 12, 2) * 3600 + substr(time, 15, 2) * 60 + substr(time, 18, 2)
        zone = substr(time, RLENGTH + 1); sub(/^\.[0-9]+/, "", zone)
        if (zone ~ /^[+-]/) s -= (substr(zone, 1, 1) "1") * (substr(zone, 2, 2) * 3600 + substr(zone, 5, 2) * 60)
        if (m <= 2) { y -= 1; m += 12 }
        d = 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469
        return sprintf("%.0f", d * 86400 + s)
    }'

# seconds_of TIME: sets REPLY to an RFC 3339 time in seconds since 1970; empty if it is none.
seconds_of() { REPLY=$(printf '%s\n' "$1" | awk "$awk_seconds"' { print seconds($0) }'); }

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

# forget_old KIND LIST: of the snapshots of a kind, and the lists beside them, what `keep` does not name goes. Only once a good one is there.
forget_old() {
    [ -n "$keep" ] || return 0
    if rows_now; then
        old_ones "$1" "$2" <"$spool/rows" >"$spool/old"
        [ -s "$spool/old" ] || return 0
        if "${tool}_drop" && "${tool}_tidy"; then return 0; fi
    fi
    "${tool}_why"
    finding backup:retention level=warning "reason=the backup is good, but old snapshots could not be removed: $why_text"
}

# rows_now: what the repository has of this host, the newest last, into $spool/rows.
rows_now() {
    "${tool}_rows" >"$spool/unsorted" || return 1
    sort -s -n -k 2,2 "$spool/unsorted" >"$spool/rows"
}

# For awk, rows as input: notes(KIND, LIST), after which at, of and path tell of each row, and state of each of the kind: `good` if a run has
# looked at it to its end, which the list of the same second says; `suspicious` if that list says so; else `unknown`: it may lack what could not be read.
awk_states='
    { id[NR] = $1; at[NR] = $2; of[NR] = $3; path[NR] = $0; sub(/^[^ ]* [^ ]* [^ ]* [^ ]* ?/, "", path[NR]) }
    $3 ~ /manifest$/ { list[$3, $2] = $4 == "suspicious" ? $4 : "good" }
    function state(row,    key) {
        key = (of[row] == "db" ? "db-manifest" : "manifest") SUBSEP at[row]
        return key in list ? list[key] : "unknown"
    }'

# old_ones KIND LIST: from rows to `KIND ID` of each that `keep` lets go. The rules are gone by twice: for all, and for the good ones as if there
# were no others; what either of them keeps stays. So none that is incomplete or suspicious takes the place of a good one. Each database has its own share.
old_ones() {
    awk -v rules="$keep" -v kind="$1" -v kept="$2" "$awk_states"'
        function civil(days,    era, doe, yoe, mp, y, m) {
            days += 719468; era = int(days / 146097); doe = days - era * 146097
            yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
            mp = int((5 * (doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))) + 2) / 153)
            m = mp < 10 ? mp + 3 : mp - 9; y = yoe + era * 400 + (m <= 2)
            month = y * 12 + m; year = y
        }
        function stays(group, time,    n, rule, bucket, days, yes) {
            days = int(time / 86400); civil(days)
            for (n = 1; n <= count; n++) {
                if (each[n] == "") continue
                split(each[n], rule, "=")
                bucket = rule[1] == "hourly" ? int(time / 3600) : rule[1] == "daily" ? days : rule[1] == "weekly" ? int((days + 3) / 7) : \
                    rule[1] == "monthly" ? month : rule[1] == "yearly" ? year : "#" ++unique
                if (taken[group, n] >= rule[2] + 0 || (taken[group, n] && last[group, n] == bucket "")) continue
                taken[group, n]++
                last[group, n] = bucket ""
                yes = 1
            }
            return yes
        }
        END {
            count = split(rules, each, "\n")
            for (row = NR; row >= 1; row--) {
                if (of[row] == "half") print of[row], id[row]
                if (of[row] != kind) continue
                group = kind == "db" ? path[row] : ""
                yes = stays("all" SUBSEP group, at[row])
                if (state(row) == "good" && stays("good" SUBSEP group, at[row])) yes = 1
                if (yes) held[at[row]] = 1
                else print of[row], id[row]
            }
            for (row = 1; row <= NR; row++) if (of[row] == kept && !(at[row] in held)) print of[row], id[row]
        }'
}

# histories: `ID SECONDS STATE KIND PATHS` of each snapshot of $spool/rows that can be restored, the newest last.
histories() {
    awk "$awk_states"'
        END {
            for (row = 1; row <= NR; row++)
                if (of[row] ~ /^(files|db|other)$/) print id[row], at[row], of[row] == "other" ? "other" : state(row), of[row], path[row]
        }' "$spool/rows"
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

# short_id ID: sets REPLY to what people call it by.
short_id() {
    case $1 in
    *[!0-9a-f]*) REPLY=$1 ;;
    *) REPLY=$(printf '%.8s' "$1") ;;
    esac
}

no_snapshot() { snapshot_id='' snapshot_time='' snapshot_at=''; }

# not_yet: true, with a verdict, if the last snapshot is from the future: freshness and retention would go by a wrong clock.
not_yet() {
    [ "${snapshot_at:-0}" -gt $(($(date +%s) + 300)) ] || return 1
    tell_backup clock "the last snapshot is of $snapshot_time, which has not come yet: a clock is wrong, now on this host or when it was made"
}
