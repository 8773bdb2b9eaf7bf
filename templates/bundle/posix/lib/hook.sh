# hook_run NAME LINE: a shell line of the patch policy; false, with hook_said, if it does not end with status 0.
hook_run() {
    hook_said=''
    output_mark
    MSPCTL_HOOK=$1 /bin/sh -c "$2" 2>&1
    _ended=$?
    [ "$_ended" != 0 ] || return 0
    _told=$(output_hint)
    hook_said="$1 ended with status $_ended${_told:+: $_told}"
    return 1
}
