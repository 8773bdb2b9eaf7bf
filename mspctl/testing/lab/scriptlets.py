"""What the scripts of lab packages do, whatever the format; POSIX shell, each a body without its frame."""

FAIL = """[ -e /etc/lab-broken-repaired ] && exit 0
echo "lab-broken: the new configuration does not load" >&2
exit 1
"""

TAKE_TIME = """seconds=$(cat /etc/lab-slow-seconds 2> /dev/null || echo 0)
line=0
while [ "$line" -lt $((seconds * 10)) ]; do
    line=$((line + 1))
    echo "lab-slow: line $line of $((seconds * 10))"
    sleep 0.1
done
echo "lab-slow: done"
"""
"""Ten lines a second, so that a link can be cut at any of them."""

SERVICE = """#!/bin/sh
### BEGIN INIT INFO
# Provides:          lab-web
# Required-Start:    $remote_fs
# Required-Stop:     $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: a service that only sleeps
### END INIT INFO
daemon() { start-stop-daemon --pidfile /run/lab-web.pid --exec /bin/sleep "$@"; }
start() { daemon --start --quiet --oknodo --background --make-pidfile -- infinity; }
stop() { daemon --stop --quiet --oknodo --remove-pidfile; }
case $1 in
    start) start ;;
    stop) stop ;;
    restart | force-reload) stop; start ;;
    status) daemon --status && echo "lab-web is running" || { echo "lab-web is not running"; exit 3; } ;;
    *) echo "usage: $0 start|stop|restart|status" >&2; exit 2 ;;
esac
"""
"""The init script of lab-web."""
