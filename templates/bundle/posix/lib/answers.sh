# Whether a port or a URL answers, with what the host has. False sets `answer` (what was said instead) and, where no
# trying helps, `impossible`.

# port_listens PORT: here. /proc/net/tcp: local address as hex:port, state 0A is LISTEN (Linux, proc_net_tcp).
port_listens() {
    answer='' impossible=''
    _hex=$(printf '%04X' "$1")
    for _table in /proc/net/tcp /proc/net/tcp6; do
        [ -r "$_table" ] || continue
        while read -r _ _local _ _state _; do
            [ "$_state" != 0A ] || [ "${_local##*:}" != "$_hex" ] || return 0
        done <"$_table"
    done
    return 1
}

# port_answers HOST PORT
port_answers() {
    answer='' impossible=''
    if command -v nc >/dev/null 2>&1; then
        nc -z -w 3 "$1" "$2" >/dev/null 2>&1
    elif command -v bash >/dev/null 2>&1; then
        # shellcheck disable=SC2016 # bash's own $0 and $1
        timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" >/dev/null 2>&1
    elif command -v busybox >/dev/null 2>&1; then
        busybox nc -w 3 "$1" "$2" </dev/null >/dev/null 2>&1
    else
        impossible="the host has neither nc, bash nor busybox to try a port"
        return 1
    fi
}

# url_answers URL: with any status below 400, in ten seconds.
url_answers() {
    answer='' impossible=''
    if command -v curl >/dev/null 2>&1; then
        answer=$(curl -fsS -L -m 10 -o /dev/null -- "$1" 2>&1)
    elif command -v wget >/dev/null 2>&1; then
        answer=$(wget -q -T 10 -O /dev/null -- "$1" 2>&1)
    elif command -v busybox >/dev/null 2>&1; then
        answer=$(busybox wget -q -T 10 -O /dev/null "$1" 2>&1)
    else
        impossible="the host has neither curl, wget nor busybox to ask a URL"
        return 1
    fi
}
