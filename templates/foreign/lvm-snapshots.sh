# LVM: the newest snapshot of a volume, `of` as GROUP/VOLUME. It lies on the same disks. One that ran full is worth nothing.
foreign_lvm_snapshots() {
    there lvs || return 0
    if ! _list=$(LC_ALL=C lvs --noheadings --separator '|' --units b --nosuffix --config 'report/time_format="%s"' \
        -o lv_time,lv_size,lv_attr,lv_name -S "origin=${1#*/}" "${1%%/*}" 2>&1); then
        saw unknown '' '' "lvs does not answer: ${_list%%"$NL"*}"
        return 0
    fi
    _last=$(printf '%s\n' "$_list" | sed -n 's/^ *\([0-9][0-9]*|.*\)$/\1/p' | sort -n | tail -n 1)
    if [ -z "$_last" ]; then saw bad '' '' "$1 has no snapshot"; return 0; fi
    _rest=${_last#*|}
    _size=${_rest%%|*} _rest=${_rest#*|}
    case $_rest in
    ????[IS]*) saw bad "${_last%%|*}" "$_size" "the snapshot ${_rest#*|} is invalid: it ran full" ;;
    *) saw good "${_last%%|*}" "$_size" "${_rest#*|}" ;;
    esac
}
