# Files written all or not at all, and what is said about them.

# put_file TARGET OWNER GROUP MODE: stdin becomes the file's content. It is written beside the target and moved over it, so
# that a full disk or a cut leaves the old file; what is empty is kept from the old file. False, with put_reason.
put_file() {
    put_target=$1 put_reason=''
    [ ! -L "$1" ] || put_target=$(readlink -f -- "$1") || put_target=$1
    _folder=${put_target%/*}
    _folder=${_folder:-/}
    _made=$(mktemp "${_folder%/}/.mspctl.XXXXXXXXXX" 2>&1) || { put_failed "$_made"; return 1; }
    trap 'rm -f -- "$_made"; exit 143' TERM HUP INT
    if _error=$(put_fill "$2" "$3" "$4" 2>&1); then
        trap - TERM HUP INT
        return 0
    fi
    rm -f -- "$_made"
    trap - TERM HUP INT
    put_failed "$_error"
    return 1
}

put_fill() {
    _had='0:0 644'
    if [ -e "$put_target" ]; then _had=$(stat -c '%u:%g %a' -- "$put_target" 2>/dev/null) || _had='0:0 644'; fi
    [ "${my_uid:=$(id -u)}" = 0 ] || _had=": ${_had#* }"
    cat >"$_made" || return 1
    if [ -n "$1$2" ]; then _owner=$1${2:+:$2}; else _owner=${_had% *}; fi
    case $_owner in
    :) ;;
    0:0)
        # shellcheck disable=SC3066,SC3067 # not in POSIX, but in dash, busybox ash and bash
        if [ ! -O "$_made" ] || [ ! -G "$_made" ]; then chown -- "$_owner" "$_made" || return 1; fi
        ;;
    *) chown -- "$_owner" "$_made" || return 1 ;;
    esac
    chmod -- "${3:-${_had#* }}" "$_made" || return 1
    mv -f -- "$_made" "$put_target" || return 1
    if command -v restorecon >/dev/null 2>&1; then restorecon -- "$put_target" || :; fi
}

# The system's own words, without the name of the tool and of the temporary file.
put_failed() {
    _line=${1%%"$NL"*}
    case $1 in
    *"No space left on device"*) put_reason="disk full: cannot write $put_target" ;;
    *"Disk quota exceeded"*) put_reason="disk quota exceeded: cannot write $put_target" ;;
    *"Read-only file system"*) put_reason="read-only file system: cannot write $put_target" ;;
    *"No such file or directory"*) put_reason="the folder ${put_target%/*} does not exist" ;;
    *) put_reason="cannot write $put_target: ${_line##*: }" ;;
    esac
}

# attributes PATH: sets is_mode (octal, no leading zero), is_uid, is_gid, is_size (bytes), is_owner, is_group. The names are
# looked up only where OWNER or GROUP asks for a name: that costs more than all the rest.
attributes() {
    is_owner='' is_group='' is_mode='' is_uid='' is_gid='' is_size=''
    _form='%a %u %g %s'
    case ${2-}${3-} in
    *[!0-9]*) _form="$_form %U %G" ;;
    *) case $seen in *"$US$1$NL"*) attributes_seen "$1"; return 0 ;; esac ;;
    esac
    _stat=$(stat -c "$_form" -- "$1" 2>/dev/null) || return 1
    # shellcheck disable=SC2086 # four or six words
    set -- $_stat
    is_mode=$1 is_uid=$2 is_gid=$3 is_size=$4 is_owner=${5:-$2} is_group=${6:-$3}
}

attributes_seen() {
    _stat=${seen%%"$US$1$NL"*}
    _stat=${_stat##*"$NL"}
    is_mode=${_stat%%"$US"*} _stat=${_stat#*"$US"}
    is_uid=${_stat%%"$US"*} _stat=${_stat#*"$US"}
    is_gid=${_stat%%"$US"*} is_size=${_stat#*"$US"}
    is_owner=$is_uid is_group=$is_gid
}

# same_text TEXT PATH: true if the file holds exactly TEXT; after `attributes PATH`. Short texts need no other program.
same_text() {
    # A shell may count characters, of which there are fewer than bytes.
    [ "${#1}" -le "$is_size" ] || return 1
    if [ "${#1}" != "$is_size" ] || [ "$is_size" -gt 2048 ]; then
        printf '%s' "$1" | cmp -s -- - "$2"
        return
    fi
    _have=''
    while IFS= read -r _part; do _have=$_have$_part$NL; done <"$2"
    [ "$_have$_part" = "$1" ]
}

# has_line LINE PATH: true if a line of the file is exactly LINE. A short file that was just seen is read here; one that
# does not add up (a NUL, say) is left to grep, as are all others.
has_line() {
    case $seen in *"$US$2$NL"*) attributes_seen "$2" ;; *) is_size=9999 ;; esac
    if [ "$is_size" -le 2048 ]; then
        _read=0 _found='' _part=''
        while IFS= read -r _part; do
            _read=$((_read + ${#_part} + 1))
            [ "$_part" != "$1" ] || _found=1
        done <"$2"
        [ -z "$_part" ] || [ "$_part" != "$1" ] || _found=1
        if [ "$((_read + ${#_part}))" = "$is_size" ]; then
            [ -n "$_found" ]
            return
        fi
    fi
    grep -qxF -e "$1" -- "$2"
}

# attributes_wrong OWNER GROUP MODE: what of it is not so, in words; after `attributes`.
attributes_wrong() {
    _wrong='' _m=$3
    while [ "${_m#0}" != "$_m" ] && [ "$_m" != 0 ]; do _m=${_m#0}; done
    [ -z "$1" ] || [ "$1" = "$is_owner" ] || [ "$1" = "$is_uid" ] || _wrong="owner $is_owner instead of $1"
    [ -z "$2" ] || [ "$2" = "$is_group" ] || [ "$2" = "$is_gid" ] ||
        _wrong="${_wrong:+$_wrong, }group $is_group instead of $2"
    [ -z "$_m" ] || [ "$_m" = "$is_mode" ] || _wrong="${_wrong:+$_wrong, }mode $is_mode instead of $_m"
}

# attributes_set PATH OWNER GROUP MODE; false, with put_reason.
attributes_set() {
    put_reason=''
    if [ -n "$2$3" ]; then
        _error=$(chown -- "$2${3:+:$3}" "$1" 2>&1) || { put_reason="cannot change the owner of $1: ${_error##*: }"; return 1; }
    fi
    if [ -n "$4" ]; then
        _error=$(chmod -- "$4" "$1" 2>&1) || { put_reason="cannot change the mode of $1: ${_error##*: }"; return 1; }
    fi
}

# diff_with PATH: a bounded diff from the file (or nothing) to stdin.
diff_with() {
    _from=$1
    [ -f "$1" ] || _from=/dev/null
    diff -u -- "$_from" - 2>/dev/null | awk '
        NR > 2 && NR <= 102 { room = 6000 - size; size += length($0) + 1; print substr($0, 1, room); if (size >= 6000) exit }'
}
