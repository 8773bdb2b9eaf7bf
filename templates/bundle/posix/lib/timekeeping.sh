# Who keeps the clock of this host right, and whether it says that it is.

# time_look: sets time_service (chrony, ntp, systemd-timesyncd or none), time_synced (1 or empty) and time_offset (seconds that the
# clock is wrong, without sign; empty if nobody says).
time_look() {
    time_service=none time_synced='' time_offset=''
    if command -v chronyc >/dev/null 2>&1; then
        time_service=chrony
        _told=$(timeout 10 chronyc -n tracking 2>/dev/null)
        case $_told in *"Leap status"*Normal*) time_synced=1 ;; esac
        time_offset=$(printf '%s\n' "$_told" | sed -n 's/^System time *: *\([0-9.]*\) seconds.*/\1/p')
    elif command -v ntpq >/dev/null 2>&1; then
        time_service=ntp
        _told=$(timeout 10 ntpq -c 'rv 0 leap,offset' 2>/dev/null)
        case $_told in *leap=00* | *leap_none*) time_synced=1 ;; esac
        # In milliseconds.
        time_offset=$(printf '%s\n' "$_told" | sed -n 's/.*offset=[-+]*\([0-9.]*\).*/\1/p' | awk '{ print $1 / 1000 }')
    elif command -v timedatectl >/dev/null 2>&1; then
        _told=$(timeout 10 timedatectl show -p NTP -p NTPSynchronized 2>/dev/null)
        case $_told in *NTP=yes*) time_service=systemd-timesyncd ;; esac
        case $_told in *NTPSynchronized=yes*) time_synced=1 ;; esac
    fi
}

# time_wrong SECONDS: whether the clock is known to be further off.
time_wrong() {
    [ -n "$time_offset" ] && awk -v off="$time_offset" -v most="$1" 'BEGIN { exit !(off > most) }'
}
