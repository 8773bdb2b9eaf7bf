#!/bin/sh
# Process 1 of a plain host: starts what runlevel 2 starts, reaps orphans, and takes the host down when told:
# USR1 reboot, USR2 power off. Its exit code says which: 64 or 65.
verdict=
trap 'verdict=64' USR1
trap 'verdict=65' USR2
mkdir -p /run/sshd
for script in /etc/rc2.d/S*; do
    [ -x "$script" ] && "$script" start
done
while [ -z "$verdict" ]; do
    sleep infinity &
    wait "$!"
done
kill -s TERM -- -1
sleep 0.2
kill -s KILL -- -1
exit "$verdict"
