# Proxmox VE: vzdump's own log of the last backup of a guest, `of` its number. It ended when that log was last written.
foreign_vzdump() {
    _log=/var/log/vzdump/qemu-$1.log
    if ! _text=$(cat "$_log" 2>/dev/null); then
        _log=/var/log/vzdump/lxc-$1.log
        if ! _text=$(cat "$_log" 2>/dev/null); then
            saw unknown '' '' "vzdump has no log of the guest $1"
            return 0
        fi
    fi
    case $_text in
    *"Backup of VM $1 failed"*)
        _why=${_text##*"Backup of VM $1 failed"}
        saw bad '' '' "the backup of the guest $1 failed${_why%%"$NL"*}"
        ;;
    *"Finished Backup of VM $1 "*)
        saw good "$(stat -c %Y -- "$_log")" "$(printf '%s\n' "$_text" | archive_bytes)" "vzdump has finished the guest $1"
        ;;
    *) saw unknown '' '' "vzdump has not come to an end with the guest $1" ;;
    esac
}

# As `archive file size: 1.23GB` says it, rounded as there; with a backup server nothing says it.
archive_bytes() {
    awk '
        sub(/.*archive file size: /, "") {
            unit = $0; sub(/[0-9.]*/, "", unit)
            power = index("BKMGT", substr(unit, 1, 1)) - 1
            if (power >= 0) size = sprintf("%.0f", $0 * 1024 ^ power)
        }
        END { print size }'
}
