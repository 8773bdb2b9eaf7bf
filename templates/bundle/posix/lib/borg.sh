# borg, for backup.sh. What it prints goes to $spool/said, what it says (in JSON) to $spool/tool. An archive is called
# mspctl.KIND.HOST.20261129T120000, a dump's has the name of the dump behind it. Several hosts may share a repository.

borg_here() {
    if ! command -v borg >/dev/null 2>&1; then
        no_tool borg
        return 1
    fi
    encrypted=yes
    # What borg knows of repositories it has met is below this folder as well. Nobody is there to answer its questions.
    BORG_BASE_DIR=$cache/borg BORG_PASSPHRASE_FD=3 BORG_DISPLAY_PASSPHRASE=no BORG_EXIT_CODES=legacy
    BORG_RSH=${BORG_RSH:-ssh -o BatchMode=yes -o ConnectTimeout=30}
    # A repository that is elsewhere than it was may be a forged one, unless somebody says that it was moved.
    BORG_RELOCATED_REPO_ACCESS_IS_OK=no
    [ -z "${accept-}" ] || BORG_RELOCATED_REPO_ACCESS_IS_OK=yes
    export BORG_BASE_DIR BORG_PASSPHRASE_FD BORG_DISPLAY_PASSPHRASE BORG_EXIT_CODES BORG_RSH BORG_RELOCATED_REPO_ACCESS_IS_OK
}

# borg_run COMMAND ARGUMENT…: with our streams.
borg_run() {
    _command=$1
    shift
    fed_password borg "$_command" --log-json --lock-wait 2 "$@"
}

# borg_do COMMAND ARGUMENT…
borg_do() {
    borg_run "$@" </dev/null >"$spool/said" 2>"$spool/tool"
    borg_status $?
}

# borg_status STATUS: the same. borg takes away the lock of a process of this host that is no more, and says so.
borg_status() {
    if grep -q 'Killed stale lock' "$spool/tool"; then unlocked=1; fi
    return "$1"
}

# borg_words LEVEL: the messages of a level, a line each.
borg_words() { sed -n 's/^{"type": "log_message".*"message": "\(.*\)", "levelname": "'"$1"'".*/\1/p' "$spool/tool" | grep -v '^Traceback'; }

borg_why() {
    _said=$(tail -c 20000 "$spool/tool" 2>/dev/null | tr -d '\000')
    why_text=$(borg_words ERROR | head -n 1 | cut -c 1-300)
    [ -n "$why_text" ] || why_text=$(borg_words WARNING | head -n 1 | cut -c 1-300)
    [ -n "$why_text" ] || why_text=$(printf '%s\n' "$_said" | grep -v '^ *$' | tail -n 1 | cut -c 1-300)
    case $_said in
    *'"PassphraseWrong"'*) why=wrong-password why_text="the password does not open the repository" ;;
    *'"LockTimeout"'* | *'"LockFailed"'* | *'"LockErrorT"'* | *'Failed to create/acquire the lock'*)
        why=locked why_text="somebody else has locked the repository: $why_text"
        ;;
    *'InsufficientFreeSpaceError'* | *'No space left on device'* | *'isk quota exceeded'* | *'torage quota'*'exceeded'*)
        why=repository-full why_text="no space left: $why_text"
        ;;
    *'"Repository.DoesNotExist"'* | *'"Repository.InvalidRepository"'*)
        why=no-repository
        why_text="there is no repository at $repository$(missing_hint)"
        ;;
    *'"ConnectionClosed'* | *'onnection refused'* | *'Host key verification failed'* | *'Permission denied (publickey'*)
        why=unreachable why_text="the repository cannot be reached: $(borg_words WARNING | sed -n 's/^Remote: //p' | head -n 1 | cut -c 1-300)"
        ;;
    *'RepositoryAccessAborted'* | *'RepositoryReplay'* | *'EncryptionMethodMismatch'*)
        why=moved why_text="the repository is not where it was, or not what it was: $why_text; if somebody moved it, run the backup with -e accept=true"
        ;;
    *'IntegrityError'* | *'ata integrity error'* | *'CheckNeeded'* | *'ObjectNotFound'* | *'checksum mismatch'* | *'inconsistent'* | \
        *'missing chunk'* | *'No such file or directory'*'/data/'* | *'DecompressionError'* | *'errors found'*)
        why=damaged why_text="the repository is damaged: $why_text"
        ;;
    *'"Archive.DoesNotExist"'* | *'never matched'*) why=not-there why_text="the repository does not have it: $why_text" ;;
    *) why=failed why_text="borg failed: ${why_text:-it said nothing}" ;;
    esac
}

# borg_ask: what the repository has, into $spool/archives. What was left half made is hidden unless it is asked for; a borg that does not
# know the option shows it.
borg_ask() {
    set -- --format '{id} {name} {start} |{comment}{NL}' "$repository"
    if ! borg_do list --consider-checkpoints "$@"; then
        grep -q 'unrecognized arguments' "$spool/tool" && borg_do list "$@" || return 1
    fi
    mv "$spool/said" "$spool/archives"
}

# borg_pick KIND…: `ID NAME DAY TIME KIND PATHS` of each archive of these kinds of this host into $spool/picked, the newest last; as the
# repository was asked last.
borg_pick() {
    awk -v kinds="$*" -v host="$backup_host" '
        BEGIN { split(kinds, wanted, " ") }
        {
            for (at in wanted) {
                head = "mspctl." wanted[at] "." host "."
                if (index($2, head) != 1 || substr($2, length(head) + 1) !~ /^[0-9]+T[0-9]+(\.|$)/ || $2 ~ /\.checkpoint/) continue
                comment = $0
                sub(/^[^|]*\|/, "", comment)
                print $1, $2, $4, $5, wanted[at], comment
            }
        }' "$spool/archives" >"$spool/picked"
}

# borg_row LINE: of $spool/picked.
borg_row() {
    # shellcheck disable=SC2086 # words
    set -- $1
    [ $# -ge 4 ] || return 0
    snapshot_id=$1 borg_archive=$2 snapshot_time=$3T$4Z
    seconds_of "$snapshot_time"
    snapshot_at=$REPLY
}

borg_latest() {
    no_snapshot
    borg_archive=''
    borg_ask && borg_pick "$1" || return 1
    borg_row "$(tail -n 1 "$spool/picked")"
}

borg_find() {
    no_snapshot
    borg_archive=''
    borg_ask && borg_pick files db manifest db-manifest || return 1
    borg_row "$(grep -- "^$1" "$spool/picked" | tail -n 1)"
}

# borg_named ID: sets borg_archive, for an archive has to be called by its name.
borg_named() {
    if [ "$1" = "$snapshot_id" ] && [ -n "$borg_archive" ]; then return 0; fi
    borg_find "$1" && [ -n "$borg_archive" ]
}

borg_init() { borg_do init --encryption repokey-blake2 "$repository"; }

borg_save() {
    borg_before=$borg_archive
    set -- --json --timestamp "$(printf '%s' "$begun_text" | tr ' ' T)" --comment "$(printf '%s' "$sources" | tr '\n' ' ' | sed 's/ $//')"
    _ifs=$IFS
    IFS=$NL
    set -f
    for _e in $excludes; do set -- "$@" --exclude "$_e"; done
    borg_made=mspctl.files.$backup_host.$begun_stamp
    set -- "$@" "$repository::$borg_made"
    for _e in $sources; do set -- "$@" "$_e"; done
    IFS=$_ifs
    set +f
    borg_do create "$@"
    _status=$?
    # Of warnings, that a file changed while it was read is none: that is so with any tool.
    unread=$(borg_words WARNING | grep -v -e 'file changed while we backed it up' -e 'Killed stale lock' | head -n 1 | cut -c 1-300)
    [ "$_status" -le 1 ] || return 2
    snapshot=$(sed -n 's/^ *"id": "\([0-9a-f]*\)".*/\1/p' "$spool/said" | head -n 1)
    borg_number nfiles
    files=$REPLY
    borg_number original_size
    bytes=$REPLY
    borg_number deduplicated_size
    added=$REPLY
    [ -z "$unread" ] || return 3
}

borg_number() {
    REPLY=$(sed -n 's/^ *"'"$1"'": \([0-9]*\).*/\1/p' "$spool/said" | head -n 1)
    REPLY=${REPLY:-0}
}

# borg_differ: by content, as borg has both archives.
borg_differ() {
    new=0 altered=0 gone=0
    if [ -z "$borg_before" ]; then
        new=$files
        return 0
    fi
    borg_do diff --json-lines "$repository::$borg_before" "$borg_made" || { new='' altered='' gone=''; return 0; }
    read -r new altered gone <<ANSWER
$(awk '
    /"type": "added"/ { new++; next }
    /"type": "removed"/ { gone++; next }
    /"type": "modified"/ { altered++ }
    END { printf "%d %d %d\n", new, altered, gone }' "$spool/said")
ANSWER
}

borg_list() {
    if borg_named "$1"; then
        {
            borg_run list --json-lines "$repository::$borg_archive" </dev/null 2>"$spool/tool"
            printf '%s\n' $? >"$spool/status"
        } | json_listing /
    else
        printf '1\n' >"$spool/status"
    fi
}

borg_put() {
    _made=mspctl.$1.$backup_host.$begun_stamp
    case $1 in db) _made=$_made.$2 ;; esac
    borg_run create --json --timestamp "$(printf '%s' "$begun_text" | tr ' ' T)" --comment "/$2${3:+ $3}" --stdin-name "$2" "$repository::$_made" - \
        >"$spool/said" 2>"$spool/tool" || return 1
    _id=$(sed -n 's/^ *"id": "\([0-9a-f]*\)".*/\1/p' "$spool/said" | head -n 1)
    printf '%s\n' "$_id" >"$spool/put"
    [ "$1" = db ] || return 0
    # The archive's own size counts more than the file.
    borg_do list --format '{size}{NL}' "$repository::$_made" || return 1
    printf '%s %s\n' "$_id" "$(head -n 1 "$spool/said")" >"$spool/put"
}

# borg_get: what snapshot is meant stays as it is.
borg_get() {
    if [ "$2" = latest ]; then
        borg_pick "$1" || return 1
        _made=$(awk 'END { print $2 }' "$spool/picked")
    else
        borg_ask && borg_pick "$1" || return 1
        _made=$(grep -- "^$2" "$spool/picked" | awk 'END { print $2 }')
    fi
    if [ -z "$_made" ]; then
        : >"$spool/tool"
        return 1
    fi
    borg_run extract --stdout "$repository::$_made" "$3" </dev/null 2>"$spool/tool"
}

borg_drop() {
    borg_ask || return 1
    set --
    while read -r _ _id; do
        _found=$(grep -- "^${_id:?}" "$spool/archives" | head -n 1 | cut -d ' ' -f 2)
        [ -z "$_found" ] || set -- "$@" "$_found"
    done <"$spool/old"
    # With no name borg would delete the repository.
    [ $# = 0 ] || borg_do delete "$repository" "$@"
}

# Before 1.2 there is no such command, and what is not needed goes at once.
borg_tidy() { borg_do compact "$repository" || grep -q 'invalid choice' "$spool/tool"; }

borg_restore() {
    borg_named "$1" || return 1
    cd "$2" || return 1
    set -- "$repository::$borg_archive"
    while IFS= read -r _p; do set -- "$@" "pp:${_p#/}"; done <"$spool/paths"
    borg_do extract "$@"
    _status=$?
    cd / || return 1
    return "$_status"
}

# borg_read: borg goes on where it ended the last time when it looks at the checksums of what is stored, for at most an hour; a part of the last
# archive's files, another one each time, is decrypted and authenticated as well. In one part: all of it is.
borg_read() {
    borg_archive='' read_said=''
    _archive=''
    case $1:${2-} in
    structure:) borg_do check --archives-only "$repository" ;;
    1:1) borg_do check --verify-data "$repository" ;;
    *) borg_do check --repository-only --max-duration 3600 "$repository" && borg_do check --archives-only "$repository" && borg_read_part "$1" "$2" ;;
    esac && return 0
    read_said=$(borg_words ERROR | head -n 1 | cut -c 1-300)
    return 1
}

borg_read_part() {
    borg_latest files || return 1
    borg_list "$snapshot_id" >"$spool/listed"
    well || return 1
    grep '^f ' "$spool/listed" | path_part "$1" "$2" 2 | sed 's|^f [0-9]* /|+ pf:|' >"$spool/patterns"
    printf -- '- re:.\n' >>"$spool/patterns"
    borg_do extract --dry-run --patterns-from "$spool/patterns" "$repository::$borg_archive"
}

borg_rows() {
    borg_ask || return 1
    awk -v host="$backup_host" "$awk_seconds"'
        {
            split($2, word, ".")
            head = word[1] "." word[2] "." host "."
            rest = substr($2, length(head) + 1)
            if (word[1] != "mspctl" || index($2, head) != 1 || rest !~ /^[0-9]+T[0-9]+(\.|$)/) next
            comment = $0
            sub(/^[^|]*\|/, "", comment)
            print $1, seconds($4 "T" $5 "Z"), rest ~ /\.checkpoint(\.[0-9]+)?$/ ? "half" : word[2], comment ~ / suspicious$/ && word[2] ~ /manifest$/ ? "suspicious" : "-", comment
        }' "$spool/archives"
}
