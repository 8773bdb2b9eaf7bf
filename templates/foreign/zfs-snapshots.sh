# ZFS: the newest snapshot of a dataset, `of` its name. It lies on the disks of the dataset, so it is no copy of its own.
foreign_zfs_snapshots() {
    there zfs || return 0
    if ! _list=$(LC_ALL=C zfs list -H -p -t snapshot -d 1 -o creation,referenced,name -s creation "$1" 2>&1); then
        saw unknown '' '' "zfs does not answer: ${_list%%"$NL"*}"
        return 0
    fi
    _last=$(printf '%s\n' "$_list" | awk -F '\t' 'NF == 3 { last = $1 "|" $2 "|" $3 } END { print last }')
    if [ -z "$_last" ]; then saw bad '' '' "$1 has no snapshot"; return 0; fi
    _rest=${_last#*|}
    saw good "${_last%%|*}" "${_rest%%|*}" "${_rest#*|}"
}
