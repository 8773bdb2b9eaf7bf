# The program that mspctl puts on the stdin of `/bin/sh -s`: start the worker once, or find it again, and
# follow its output. Everything is inside functions, so a program cut off on the way runs nothing at all.
# Set before this text: RS, US (control characters), N (nonce), S (spool name), OFF (bytes the controller has), MODE (start, attach, cancel),
# GONE (names of earlier spools that nobody will ask for), KEEP_DAYS (how long others are kept),
# NOT_BOOT (refuse to start on this boot id), ROOT (1: refuse to run as anybody else), MAX_SENT and LAST_WORDS (bytes), W (the worker's text, in MODE start only).

mspctl_say() {
    _line=$RS$N$US@
    for _a do _line=$_line$US$_a; done
    printf '%s\n' "$_line"
}

# The folder must be new and have room for some output (48 KiB): mkdir is the guard that lets a worker start only once. /var/tmp
# comes first because it outlives a power cut; the others serve a full disk and a read-only root.
mspctl_find_spool() {
    spool=
    for _base in /var/tmp /run /dev/shm /tmp; do
        if [ -d "$_base/$S" ] && [ ! -L "$_base/$S" ] && [ -O "$_base/$S" ]; then
            spool=$_base/$S
            return 0
        fi
    done
    return 1
}

mspctl_make_spool() {
    _room=$S$S$S$S$S$S$S$S
    for _i in 1 2 3 4 5 6 7 8; do _room=$_room$_room; done
    for _base in /var/tmp /run /dev/shm /tmp; do
        [ -w "$_base" ] || continue
        mkdir -m 700 "$_base/$S" 2>/dev/null || continue
        spool=$_base/$S
        if printf '%s\n' "$_room" 2>/dev/null >"$spool/probe" && : >"$spool/probe" && : >"$spool/out"; then
            return 0
        fi
        rm -rf "$spool"
        spool=
    done
    return 1
}

mspctl_start_worker() {
    if command -v setsid >/dev/null 2>&1; then
        printf '%s\n' "$W" | setsid /bin/sh -s -- "$spool" $$ "$uid" >>"$spool/out" 2>&1 &
    else
        printf '%s\n' "$W" | (trap '' HUP; exec /bin/sh -s -- "$spool" $$ "$uid") >>"$spool/out" 2>&1 &
    fi
    pid=$!
    printf '%s %s\n' "$pid" "$boot" >"$spool/worker"
}

mspctl_alive() {
    [ "$worker_boot" = "$boot" ] && kill -0 "$pid" 2>/dev/null
}

# What runs left here that nobody came back for. A controller knows of its own runs; of others the age tells.
mspctl_sweep() {
    for _base in /var/tmp /run /dev/shm /tmp; do
        _others=
        for _left in "$_base"/mspctl-????????????????; do
            if mspctl_left "$_left"; then _others="$_others $_left"; fi
        done
        [ -n "$_others" ] || continue
        # shellcheck disable=SC2086 # paths that mspctl has made up
        _old=$(find $_others -prune -mtime "+$((KEEP_DAYS - 1))" 2>/dev/null)
        for _left in $_old; do mspctl_remove "$_left"; done
        for _name in $GONE; do mspctl_remove "$_base/$_name"; done
    done
}

mspctl_left() {
    [ "$1" != "$spool" ] && [ -f "$1/out" ] && [ ! -L "$1" ] && [ -O "$1" ]
}

mspctl_remove() {
    mspctl_left "$1" || return 0
    _pid=0 _boot=none
    [ ! -r "$1/worker" ] || read -r _pid _boot <"$1/worker"
    if [ "$_boot" = "$boot" ] && kill -0 "$_pid" 2>/dev/null; then return 0; fi
    rm -rf "$1"
}

mspctl_flush() {
    _size=$(wc -c <"$spool/out")
    [ "$_size" -le "$MAX_SENT" ] || _size=$MAX_SENT
    [ "$_size" -gt "$OFF" ] || return 0
    tail -c "+$((OFF + 1))" "$spool/out" | head -c "$((_size - OFF))" || exit 74
    OFF=$((_size))
}

# A child is waited for without polling; its watchdog interrupts the wait so that long work shows as it goes.
mspctl_follow_child() {
    while :; do
        wait "$pid"
        worker_status=$?
        kill -0 "$pid" 2>/dev/null || break
        mspctl_flush
    done
}

mspctl_follow_stranger() {
    worker_status=unknown
    while mspctl_alive; do
        mspctl_flush
        sleep 0.3 2>/dev/null || sleep 1
    done
}

# Of too much, the beginning and the end count: there stands how it ended.
mspctl_finish() {
    _size=$(wc -c <"$spool/out")
    if [ "$_size" -gt "$MAX_SENT" ]; then
        mspctl_flush
        _size=$(wc -c <"$spool/out")
        [ "$((_size - OFF))" -le "$LAST_WORDS" ] || OFF=$((_size - LAST_WORDS))
    fi
    tail -c "+$((OFF + 1))" "$spool/out" || exit 74
    _space=ok
    printf '%s\n' "$S$S$S$S" 2>/dev/null >"$spool/probe" || _space=full
    mspctl_say ended "$worker_status" "$_space" "$boot"
}

# The controller sends these as the next line of this script once it has read everything.
mspctl_acknowledge() {
    cd / && exec rm -rf "$spool"
}

mspctl_acknowledge_and_reboot() {
    cd / && rm -rf "$spool"
    _reboot='sleep 1; systemctl reboot 2>/dev/null || shutdown -r now 2>/dev/null || reboot'
    if command -v setsid >/dev/null 2>&1; then
        setsid /bin/sh -c "$_reboot" </dev/null >/dev/null 2>&1 &
    else
        (trap '' HUP; exec /bin/sh -c "$_reboot") </dev/null >/dev/null 2>&1 &
    fi
    exit 0
}

# The user id of this shell, without starting a program.
mspctl_uid() {
    uid=
    [ -r /proc/self/status ] || return 0
    while read -r _key uid _rest; do
        [ "$_key" != Uid: ] || return 0
    done </proc/self/status
}

mspctl_program() {
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    LC_ALL=C
    export PATH LC_ALL
    unset CDPATH ENV BASH_ENV
    umask 077
    boot=none
    [ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id
    if [ "$NOT_BOOT" = "$boot" ]; then
        mspctl_say same-boot "$boot"
        exit 0
    fi
    mspctl_uid
    if [ "$ROOT" = 1 ] && [ "$uid" != 0 ]; then
        mspctl_say not-root "${uid:-unknown}"
        exit 77
    fi
    if mspctl_find_spool; then
        [ "$MODE" != cancel ] || : >"$spool/stop"
        pid=0 worker_boot=none
        [ ! -r "$spool/worker" ] || read -r pid worker_boot <"$spool/worker"
        mspctl_say attached "$spool" "$boot" "$worker_boot" again
        mspctl_follow_stranger
    elif [ "$MODE" = start ]; then
        trap : USR1
        mspctl_make_spool || { mspctl_say no-spool "$boot"; exit 73; }
        mspctl_start_worker
        mspctl_say attached "$spool" "$boot" "$boot" new
        mspctl_sweep
        mspctl_follow_child
    else
        mspctl_say no-spool "$boot"
        exit 73
    fi
    mspctl_finish
    return 75
}

mspctl_program
