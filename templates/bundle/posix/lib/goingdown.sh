# What comes before a reboot: people are warned, the host is drained. Needs hook.sh.

# reboot_warn SECONDS WHY: tells who is logged in, and waits; does not wait for nobody.
reboot_warn() {
    # Where nobody keeps a list of logins, who(1) knows of none: that is no answer.
    if { [ -e /run/utmp ] || [ -d /run/systemd/sessions ]; } && _who=$(who 2>/dev/null) && [ -z "$_who" ]; then
        note warned "nobody is logged in"
        return 0
    fi
    _text="This computer restarts in $1 seconds (${2:-maintenance}). Please save your work."
    if ! command -v wall >/dev/null 2>&1; then
        note warned "there is no wall(1): waited $1 s without a word"
    elif printf '%s\n' "$_text" | wall >/dev/null 2>&1; then
        note warned "who was logged in was told, $1 s before"
    else
        note warned "wall(1) failed: waited $1 s without a word"
    fi
    sleep "$1"
}

# reboot_drain DRAIN UNDRAIN: out of service, with a file that says so for whoever comes after a crash. A host that could
# not be drained goes back into service and is not rebooted.
reboot_drain() {
    if ! : >/var/lib/mspctl-drained; then
        failed "not rebooted: /var/lib/mspctl-drained cannot be written, so nobody would know that the host is drained"
        return 1
    fi
    if hook_run drain "$1"; then
        note drained "out of service"
        keep drained yes
        return 0
    fi
    _why_not="not rebooted: $hook_said"
    if [ -z "$2" ] || hook_run undrain "$2"; then
        rm -f /var/lib/mspctl-drained
        [ -z "$2" ] || _why_not="$_why_not; it is back in service"
    else
        _why_not="$_why_not; and $hook_said: it may be out of service"
    fi
    failed "$_why_not"
    return 1
}
