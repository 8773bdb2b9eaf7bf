# restic, for backup.sh. What it says goes to $spool/tool.

restic_here() {
    if ! command -v restic >/dev/null 2>&1; then
        no_tool restic
        return 1
    fi
    encrypted=yes RESTIC_CACHE_DIR=$cache/restic RESTIC_PROGRESS_FPS=0.01
    export RESTIC_CACHE_DIR RESTIC_PROGRESS_FPS
}

# restic_run ARGUMENT…: with our streams.
restic_run() { fed_password restic --repo "$repository" --password-file /proc/self/fd/3 "$@"; }

# restic_do ARGUMENT…
restic_do() { restic_run "$@" </dev/null >"$spool/tool" 2>&1; }

# restic_tag KIND: sets REPLY.
restic_tag() {
    REPLY=mspctl-$1
    [ "$1" != files ] || REPLY=mspctl
}

# restic_why: from restic's own last words to why (a word of ours) and why_text. Its exit status tells less.
restic_why() {
    _said=$(tail -c 20000 "$spool/tool" 2>/dev/null | tr -d '\000')
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
        why_text="there is no repository at $repository$(missing_hint)"
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

restic_latest() {
    no_snapshot
    restic_tag "$1"
    restic_do snapshots --no-lock --json --host "$backup_host" --tag "$REPLY" || return 1
    restic_last_line "$(restic_lines | tail -n 1)"
}

restic_find() {
    no_snapshot
    restic_do --no-cache snapshots --no-lock --json --host "$backup_host" "$1" || return 1
    restic_last_line "$(restic_lines | grep -F "\"id\":\"$1" | tail -n 1)"
}

# restic_lines: a line for each snapshot that restic has just listed, the newest last.
restic_lines() { awk '{ gsub(/"short_id":"[0-9a-f]*"}/, "&\n"); print }' "$spool/tool" | grep '"short_id"'; }

restic_last_line() {
    json_text id "$1"
    snapshot_id=$REPLY
    json_text time "$1"
    snapshot_time=$REPLY
    seconds_of "$snapshot_time"
    snapshot_at=$REPLY
}

restic_init() { restic_do init; }

restic_save() {
    set -- backup --json --host "$backup_host" --tag mspctl --time "$begun_text"
    _ifs=$IFS
    IFS=$NL
    set -f
    for _e in $excludes; do set -- "$@" --exclude "$_e"; done
    set -- "$@" --
    for _e in $sources; do set -- "$@" "$_e"; done
    IFS=$_ifs
    set +f
    restic_try "$@"
    _status=$?
    case $_status in 0 | 3) ;; *) return "$_status" ;; esac
    restic_summary
    json_text snapshot_id "$_summary"
    snapshot=$REPLY
    json_number total_files_processed "$_summary"
    files=$REPLY
    json_number total_bytes_processed "$_summary"
    bytes=$REPLY
    json_number data_added "$_summary"
    added=$REPLY
    json_number files_new "$_summary"
    new=$REPLY
    json_number files_changed "$_summary"
    altered=$REPLY
    unread=$(grep -i -m 1 '^error: ' "$spool/tool" | cut -c 1-300)
    return "$_status"
}

restic_summary() { _summary=$(grep '"message_type":"summary"' "$spool/tool" | tail -n 1); }

# restic_differ: it has counted what is new and what has changed; what is gone is what then lacks.
restic_differ() {
    gone=$((before_files + new - files))
    [ "$gone" -gt 0 ] || gone=0
}

restic_list() {
    {
        restic_run ls --no-lock --json "$1" </dev/null 2>"$spool/tool"
        printf '%s\n' $? >"$spool/status"
    } | json_listing ''
}

restic_put() {
    restic_tag "$1"
    restic_run backup --json --host "$backup_host" --tag "$REPLY${3:+,$3}" --time "$begun_text" --stdin --stdin-filename "$2" \
        >"$spool/tool" 2>&1 || return 1
    restic_summary
    json_text snapshot_id "$_summary"
    _id=$REPLY
    json_number total_bytes_processed "$_summary"
    printf '%s %s\n' "$_id" "$REPLY" >"$spool/put"
}

restic_get() {
    restic_tag "$1"
    if [ "$2" = latest ]; then
        set -- dump --no-lock --host "$backup_host" --tag "$REPLY" latest "/$3"
    else
        set -- --no-cache dump "$2" "/$3"
    fi
    restic_run "$@" </dev/null 2>"$spool/tool"
}

restic_drop() {
    set -- forget
    while read -r _ _id; do set -- "$@" "$_id"; done <"$spool/old"
    restic_try "$@"
}

restic_tidy() { restic_try prune; }

# restic_restore: without the cache, which the machine that one day needs the restore will not have either.
restic_restore() {
    set -- --no-cache restore "$1" --target "$2" ${3:+"--$3"}
    # A pattern is a name in which what stands for others is escaped.
    while IFS= read -r _p; do
        set -- "$@" --include "$(printf '%s\n' "$_p" | sed 's/[][*?\\]/\\&/g')"
    done <"$spool/paths"
    restic_try "$@"
}

restic_read() {
    case $1 in
    structure) restic_try check ;;
    *) restic_try check "--read-data-subset=$1/$2" ;;
    esac && return 0
    read_said=$(grep -i -m 1 -e '^error' -e 'ciphertext' -e 'Pack ' "$spool/tool" | cut -c 1-300)
    return 1
}

restic_rows() {
    restic_do snapshots --no-lock --json --host "$backup_host" || return 1
    restic_lines | awk "$awk_seconds"'
        function part(pattern, from, less) {
            if (!match($0, pattern)) return ""
            return substr($0, RSTART + from, RLENGTH - from - less)
        }
        {
            tags = part("\"tags\":\\[[^]]*\\]", 8, 1)
            kind = tags ~ /"mspctl"/ ? "files" : match(tags, /"mspctl-(db-manifest|manifest|db)"/) ? substr(tags, RSTART + 8, RLENGTH - 9) : "other"
            paths = part("\"paths\":\\[[^]]*\\]", 9, 1)
            gsub(/"/, "", paths); gsub(/,/, " ", paths)
            print part("\"id\":\"[0-9a-f]+", 6, 0), seconds(part("\"time\":\"[^\"]+", 8, 0)), kind, tags ~ /"suspicious"/ ? "suspicious" : "-", paths
        }'
}
