#!/bin/sh
# reboot, poweroff, halt and shutdown of a plain host (shutdown: -r, -h, -P, -H, -c; now, +minutes).
signal=USR2
delay=0
case ${0##*/} in
    reboot) signal=USR1 ;;
    shutdown)
        delay=60
        for word; do
            case $word in
                -r | --reboot) signal=USR1 ;;
                -c) kill -s TERM -- "-$(cat /run/shutdown.pid)"; exit ;;
                now | +0) delay=0 ;;
                +*) delay=$((${word#+} * 60)) ;;
            esac
        done
        ;;
esac
[ "$(id -u)" = 0 ] || { echo "${0##*/}: must be superuser." >&2; exit 1; }
[ "$delay" = 0 ] && exec kill -s "$signal" 1
setsid sh -c 'echo $$ > /run/shutdown.pid; sleep "$1"; kill -s "$2" 1' sh "$delay" "$signal" < /dev/null > /dev/null 2>&1 &
echo "Shutdown scheduled in $delay seconds, use 'shutdown -c' to cancel." >&2
