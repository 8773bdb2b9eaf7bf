# tar and rsync, for backup.sh: snapshots that can be read without any program of ours, on a disk or a share that is mounted. Nothing is
# encrypted. $repository has the file mspctl-repository, and for each snapshot a folder KIND.HOST.20261129T120000, behind which a dump's
# name stands. In it are `paths`, `state` (`SIZE TIME PATH` of each file) and
#   tar      files.tar.gz, its hash in `sum`, and `listing`, as the archive on the disk told
#   rsync    tree, in which what has not changed is linked to the tree before, and `sums` (`HASH INODE SIZE TIME PATH`)
#   both     for what is kept beside: the file, and its hash in `sum`

tar_here() {
    tar --version 2>/dev/null | grep -q 'GNU tar' || { no_tool "GNU tar"; return 1; }
    tar_extras=''
    case $(tar --help) in *--acls*--xattrs* | *--xattrs*--acls*) tar_extras='--acls --xattrs' ;; esac
    plain_here
}

rsync_here() {
    command -v rsync >/dev/null 2>&1 || { no_tool rsync; return 1; }
    rsync_extras=''
    rsync --version | grep -q 'no ACLs' || rsync_extras=A
    rsync --version | grep -q 'no xattrs' || rsync_extras=${rsync_extras}X
    plain_here
}

plain_here() {
    encrypted=no
    umask 077
    find / -maxdepth 0 -printf '' 2>/dev/null || { no_tool "find with -printf (findutils)"; return 1; }
}

# plain_says SENTENCE: why something cannot be, for plain_why; false.
plain_says() {
    printf 'mspctl:%s\n' "$1" >"$spool/tool"
    return 1
}

plain_why() {
    _said=$(tail -c 20000 "$spool/tool" 2>/dev/null | tr -d '\000')
    why_text=$(printf '%s\n' "$_said" | grep -v '^ *$' | tail -n 1 | cut -c 1-300)
    case $_said in
    mspctl:*)
        why=${_said#mspctl:} why_text=${_said#* }
        why=${why%% *}
        ;;
    *'o space left on device'* | *'isk quota exceeded'*) why=repository-full why_text="no space left: $(printf '%s\n' "$_said" | grep -i -m 1 -e 'no space' -e quota | cut -c 1-300)" ;;
    *'gzip:'* | *'nexpected EOF'* | *'not look like a tar'*) why=damaged why_text="the repository is damaged: $why_text" ;;
    *) why=failed why_text="$tool failed: ${why_text:-it said nothing}" ;;
    esac
}

plain_init() {
    mkdir -p "$repository" 2>"$spool/tool" && printf 'mspctl-%s 1\n' "$tool" 2>"$spool/tool" >"$repository/mspctl-repository"
}

plain_open() {
    if [ ! -f "$repository/mspctl-repository" ]; then
        plain_says "no-repository there is no repository at $repository$(missing_hint)"
    elif ! grep -q "^mspctl-$tool 1" "$repository/mspctl-repository"; then
        plain_says "failed the repository at $repository was not made for $tool"
    fi
}

# plain_all KIND: the folders of this host's snapshots of a kind, a line each, the newest last.
plain_all() {
    set +f
    for _folder in "$repository/$1.$backup_host."[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]*; do
        [ ! -d "$_folder" ] || printf '%s\n' "$_folder"
    done
}

# plain_take FOLDER: none if it is empty.
plain_take() {
    plain_folder=$1
    [ -n "$1" ] || return 0
    snapshot_id=${1##*/}
    snapshot_id=${snapshot_id#*."$backup_host".}
    snapshot_time=$(printf '%.15s' "$snapshot_id" | sed 's/\(....\)\(..\)\(..\)T\(..\)\(..\)\(..\)/\1-\2-\3T\4:\5:\6Z/')
    seconds_of "$snapshot_time"
    snapshot_at=$REPLY
}

plain_latest() {
    no_snapshot
    plain_open || return 1
    plain_take "$(plain_all "$1" | tail -n 1)"
}

plain_find() {
    no_snapshot
    plain_open || return 1
    plain_take "$({ plain_all files; plain_all db; } | grep -F -- ".$backup_host.$1" | tail -n 1)"
}

# plain_begin KIND [NAME]: a folder that gets its name only once all is in it; what a run that was ended left goes.
plain_begin() {
    plain_name=$1.$backup_host.$begun_stamp${2:+.$2}
    part=$repository/.part.$plain_name
    plain_open || return 1
    if [ -e "$repository/$plain_name" ]; then
        plain_says "failed there is a snapshot of this second already"
        return 1
    fi
    set +f
    for _kind in files manifest db db-manifest; do
        for _left in "$repository/.part.$_kind.$backup_host."[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T*; do rm -rf "$_left"; done
    done
    mkdir "$part" 2>"$spool/tool"
}

plain_end() {
    sync -f "$part" 2>/dev/null || sync
    mv "$part" "$repository/$plain_name" 2>"$spool/tool"
}

# plain_fail STATUS: half a snapshot goes; the tool's words stay.
plain_fail() {
    rm -rf "$part"
    return "$1"
}

# hash_stored FILE: as hash_of, however long it takes.
hash_stored() {
    REPLY=$(sha256sum -- "$1" 2>"$spool/tool") || return 1
    REPLY=${REPLY%% *}
}

# plain_numbers: from `state`.
plain_numbers() {
    read -r files bytes <<ANSWER
$(awk '{ bytes += $1 } END { printf "%d %.0f\n", NR, bytes }' "$part/state")
ANSWER
    printf '%s' "$sources" | tr '\n' ' ' | sed 's/ $//' >"$part/paths"
    snapshot=$begun_stamp
}

tar_save() {
    plain_before=${plain_folder-}
    plain_begin files || return 2
    # shellcheck disable=SC2086 # options
    set -- -C / --create --gzip --sparse $tar_extras --file "$part/files.tar.gz"
    _ifs=$IFS
    IFS=$NL
    set -f
    for _e in $excludes; do set -- "$@" "--exclude=${_e#/}"; done
    # Where the repository lies within a source, each snapshot would hold all the others.
    set -- "$@" --anchored "--exclude=${repository#/}" --
    for _e in $sources; do
        _e=${_e#/}
        set -- "$@" "${_e:-.}"
    done
    IFS=$_ifs
    set +f
    tar "$@" >"$spool/tool" 2>&1 </dev/null
    _status=$?
    unread=''
    # That a file changed or went while it was read is so with any tool: that is 1.
    if [ "$_status" -gt 1 ]; then
        unread=$(grep -m 1 -e 'Cannot open' -e 'Cannot stat' -e 'ead error' -e 'Cannot read' "$spool/tool" | cut -c 1-300)
        if [ -z "$unread" ] || grep -q -e 'No space left' -e 'Cannot write' -e 'Child returned' "$spool/tool"; then plain_fail 2; return; fi
    fi
    {
        hash_stored "$part/files.tar.gz" && printf '%s\n' "$REPLY" >"$part/sum" &&
            tar --list --gzip -vv --full-time --numeric-owner --quoting-style=escape --file "$part/files.tar.gz" >"$part/listing" 2>"$spool/tool" </dev/null &&
            awk '/^-/ {
                size = $3; time = $4 "T" $5
                sub(/^[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +/, "")
                print size, time, "/" $0
            }' "$part/listing" >"$part/state"
    } || { plain_fail 2; return; }
    plain_numbers
    added=$(stat -c %s "$part/files.tar.gz")
    plain_end || return 2
    [ -z "$unread" ] || return 3
}

tar_list() {
    plain_folder_of "$1"
    if dump_list; then return 0; fi
    awk '
        {
            letter = substr($1, 1, 1); size = $3
            sub(/^[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +/, "")
            kind = letter == "-" || letter == "h" ? "f" : letter == "d" ? "d" : "o"
            if (letter == "h") sub(/ link to .*/, "")
            if (letter == "d") sub(/\/$/, "")
            if (match($0, /\\/)) { $0 = substr($0, 1, RSTART - 1); if (kind == "f") kind = "u" }
            print kind, kind == "f" || kind == "u" ? size + 0 : 0, "/" $0
        }' "$plain_folder/listing" 2>"$spool/tool"
    printf '%s\n' $? >"$spool/status"
}

# dump_list: the list of a dump's snapshot; false if it is of files.
dump_list() {
    set +f
    for _dump in "$plain_folder"/*.dump; do
        [ -f "$_dump" ] || return 1
        printf 'f %s /%s\n' "$(stat -c %s -- "$_dump")" "${_dump##*/}"
        printf '0\n' >"$spool/status"
    done
}

# plain_folder_of ID: sets plain_folder.
plain_folder_of() {
    plain_folder=$repository/files.$backup_host.$1
    [ -d "$plain_folder" ] || plain_folder=$repository/db.$backup_host.$1
}

tar_restore() {
    plain_folder_of "$1"
    [ -f "$plain_folder/files.tar.gz" ] || { plain_put_back "$2"; return; }
    # shellcheck disable=SC2086 # options
    set -- -C "$2" --extract --gzip $tar_extras --file "$plain_folder/files.tar.gz"
    if [ -s "$spool/paths" ]; then
        sed 's|^/||' "$spool/paths" >"$spool/members"
        set -- "$@" --no-wildcards --verbatim-files-from --files-from "$spool/members"
    fi
    tar "$@" >"$spool/tool" 2>&1 </dev/null
}

# plain_put_back TARGET: a dump is the one file of its snapshot.
plain_put_back() {
    for _dump in "$plain_folder"/*.dump; do cp "$_dump" "$1/" 2>"$spool/tool" || return 1; done
}

rsync_save() {
    plain_before=${plain_folder-}
    plain_begin files || return 2
    mkdir "$part/tree"
    set -- "-aH$rsync_extras" --numeric-ids --relative
    [ -z "$plain_before" ] || set -- "$@" "--link-dest=$plain_before/tree"
    _ifs=$IFS
    IFS=$NL
    set -f
    for _e in $excludes; do set -- "$@" "--exclude=$_e"; done
    set -- "$@" "--exclude=$repository" --
    for _e in $sources; do set -- "$@" "$_e"; done
    IFS=$_ifs
    set +f
    rsync "$@" "$part/tree/" >"$spool/tool" 2>&1 </dev/null
    _status=$? unread=''
    case $_status in
    0 | 24) ;;
    23)
        unread=$(grep -m 1 '^rsync: ' "$spool/tool" | cut -c 1-300)
        if [ -z "$unread" ] || grep -q -i 'no space left' "$spool/tool"; then plain_fail 2; return; fi
        ;;
    *) plain_fail 2; return ;;
    esac
    rsync_sums 2>"$spool/tool" || { plain_fail 2; return; }
    plain_numbers
    added=$(find "$part/tree" -type f -links 1 -printf '%s\n' | awk '{ sum += $1 } END { printf "%.0f\n", sum }')
    plain_end || return 2
    [ -z "$unread" ] || return 3
}

# rsync_sums: the hash of each file, for a later check of the disk; of a file that is the one of the tree before it is known.
rsync_sums() {
    find "$part/tree" -type f ! -name '*\\*' ! -path "*$NL*" -printf '%i %s %T@ /%P\n' >"$spool/inodes" || return 1
    : >"$spool/known"
    [ -z "$plain_before" ] || [ ! -f "$plain_before/sums" ] || cp "$plain_before/sums" "$spool/known"
    awk '
        known { hash = $1; sub(/^[^ ]* /, ""); has[$0] = hash; next }
        $0 in has { print has[$0], $0; next }
        { print >unknown }' unknown="$spool/unknown" known=1 "$spool/known" known= "$spool/inodes" >"$part/sums" || return 1
    if [ -f "$spool/unknown" ]; then
        while IFS= read -r _line; do
            hash_stored "$part/tree/${_line#* * * /}" || return 1
            printf '%s %s\n' "$REPLY" "$_line"
        done <"$spool/unknown" >>"$part/sums"
        rm -f "$spool/unknown"
    fi
    sed 's/^[^ ]* [^ ]* //' "$part/sums" >"$part/state"
}

rsync_list() {
    plain_folder_of "$1"
    if dump_list; then return 0; fi
    find "$plain_folder/tree" -mindepth 1 \( -name '*\\*' -o -path "*$NL*" \) -printf 'u %s /\n' -o -printf '%y %s /%P\n' 2>"$spool/tool" |
        awk '/^[fu] / { print; next } { kind = /^d / ? "d" : "o"; sub(/^[^ ]* [^ ]* /, ""); print kind, 0, $0 }'
    printf '%s\n' 0 >"$spool/status"
    [ -d "$plain_folder/tree" ] || printf '%s\n' 1 >"$spool/status"
}

# rsync_restore: by the names at the top, for the tree's own folder has neither owner nor mode of the host's.
rsync_restore() {
    plain_folder_of "$1"
    [ -d "$plain_folder/tree" ] || { plain_put_back "$2"; return; }
    if [ -s "$spool/paths" ]; then
        sed 's|^/||' "$spool/paths" >"$spool/members"
    else
        find "$plain_folder/tree" -mindepth 1 -maxdepth 1 -printf '%P\n' >"$spool/members"
    fi
    rsync -r "-aH$rsync_extras" --numeric-ids --files-from="$spool/members" "$plain_folder/tree/" "$2/" >"$spool/tool" 2>&1 </dev/null
}

# plain_differ: by size and time.
plain_differ() {
    new=$files altered=0 gone=0
    [ -n "$plain_before" ] && [ -f "$plain_before/state" ] || return 0
    read -r new altered gone <<ANSWER
$(awk '
    { now = $1 " " $2; sub(/^[^ ]* [^ ]* /, "") }
    before { was[$0] = now; count++; next }
    !($0 in was) { new++; next }
    { same++; if (was[$0] != now) altered++ }
    END { printf "%d %d %d\n", new, altered, count - same }' before=1 "$plain_before/state" before= "$repository/$plain_name/state")
ANSWER
}

plain_put() {
    case $1 in db) plain_begin "$1" "$2" ;; *) plain_begin "$1" ;; esac || return 1
    if ! cat >"$part/$2" 2>"$spool/tool" || ! hash_stored "$part/$2"; then plain_fail 1; return; fi
    printf '%s\n' "$REPLY" >"$part/sum"
    printf '/%s' "$2" >"$part/paths"
    printf '%s\n' "${3:--}" >"$part/mark"
    printf '%s %s\n' "${plain_name#*."$backup_host".}" "$(stat -c %s "$part/$2")" >"$spool/put"
    plain_end
}

# plain_get: only what is as it was written.
plain_get() {
    plain_open || return 1
    if [ "$2" = latest ]; then _folder=$(plain_all "$1" | tail -n 1); else _folder=$repository/$1.$backup_host.$2; fi
    if [ ! -f "$_folder/$3" ]; then
        plain_says "not-there the repository does not have $3"
    elif plain_sound "$_folder" "$3"; then
        cat "$_folder/$3" 2>"$spool/tool"
    else
        return 1
    fi
}

# plain_sound FOLDER FILE: the hash is what it was.
plain_sound() {
    if hash_stored "$1/$2" && [ "$REPLY" = "$(cat "$1/sum" 2>/dev/null)" ]; then return 0; fi
    plain_says "damaged the repository is damaged: $1/$2 is not what was written"
}

plain_drop() {
    while read -r _kind _id; do rm -rf "$repository/$_kind.$backup_host.${_id:?}" 2>"$spool/tool" || return 1; done <"$spool/old"
}

plain_tidy() { :; }

# plain_read: another part of the snapshots each time, and of rsync's last tree another part of its files.
plain_read() {
    { plain_all files; plain_all db; plain_all manifest; plain_all db-manifest; } >"$spool/folders"
    _last=$(plain_all files | tail -n 1)
    while IFS= read -r _at; do
        plain_read_one "$1" "${2-}" && continue
        read_said=$(sed 's/^mspctl:damaged the repository is damaged: //' "$spool/tool")
        return 1
    done <"$spool/folders"
}

plain_read_one() {
    if [ -d "$_at/tree" ]; then
        [ -f "$_at/sums" ] || plain_says "damaged the repository is damaged: $_at has no list of hashes" || return 1
        [ "$1" != structure ] || return 0
        _all=''
        if plain_turn "$1" "$2"; then _all=1; fi
        [ -n "$_all" ] || [ "$_at" = "$_last" ] || return 0
        tree_read "$1" "$2"
        return
    fi
    for _file in "$_at"/files.tar.gz "$_at"/*.dump "$_at"/mspctl-*; do
        [ -f "$_file" ] || continue
        if [ "$1" != structure ] && plain_turn "$1" "$2"; then
            plain_sound "$_at" "${_file##*/}"
            return
        fi
        [ -s "$_at/sum" ] || plain_says "damaged the repository is damaged: $_at has no hash"
        return
    done
    plain_says "damaged the repository is damaged: $_at has nothing in it"
}

# plain_turn PART PARTS: whether it is the turn of the snapshot at $_at.
plain_turn() {
    _stamp=${_at##*."$backup_host".}
    awk -v stamp="$(printf '%.15s' "$_stamp" | tr -d T)" -v part="$1" -v parts="$2" 'BEGIN { exit !(stamp % parts == part - 1) }'
}

# tree_read PART PARTS: the tree at $_at, all of it if $_all says so.
tree_read() {
    if [ -n "$_all" ]; then cp "$_at/sums" "$spool/turn"; else path_part "$1" "$2" 4 <"$_at/sums" >"$spool/turn"; fi
    while IFS= read -r _line; do
        _path=${_line#* * * * }
        if hash_stored "$_at/tree$_path" && [ "$REPLY" = "${_line%% *}" ]; then continue; fi
        plain_says "damaged the repository is damaged: $_at/tree$_path is not what was written"
        return 1
    done <"$spool/turn"
}

plain_rows() {
    plain_open || return 1
    for _kind in files manifest db db-manifest; do plain_all "$_kind" | sed "s/^/$_kind /"; done >"$spool/folders"
    # What snapshot is meant stays as it is.
    (
        while read -r _kind _each; do
            plain_take "$_each"
            printf '%s %s %s %s %s\n' "$snapshot_id" "$snapshot_at" "$_kind" "$(cat "$_each/mark" 2>/dev/null || printf %s -)" "$(cat "$_each/paths" 2>/dev/null)"
        done <"$spool/folders"
    )
}

# What is the same for both.
for _both in why latest find init differ put get drop tidy read rows; do
    eval "tar_$_both() { plain_$_both \"\$@\"; }; rsync_$_both() { plain_$_both \"\$@\"; }"
done
