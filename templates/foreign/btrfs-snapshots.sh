# btrfs: the newest snapshot in the filesystem mounted at `of`. It lies on the same disks; how large it is, btrfs does not say.
foreign_btrfs_snapshots() {
    there btrfs || return 0
    if ! _list=$(LC_ALL=C btrfs subvolume list -s "$1" 2>&1); then
        saw unknown '' '' "btrfs does not answer: ${_list%%"$NL"*}"
        return 0
    fi
    _last=$(printf '%s\n' "$_list" | sed -n 's/^ID .* otime \([0-9-]* [0-9:]*\) path \(.*\)$/\1|\2/p' | sort | tail -n 1)
    if [ -z "$_last" ]; then saw bad '' '' "$1 has no snapshot"; return 0; fi
    saw good "$(epoch_of "${_last%%|*}")" '' "${_last#*|}"
}
