#!/bin/sh
# The mains of one host: starts it, and starts it again for as long as it goes down for a reboot.
# usage: mains.sh HOST_FOLDER SCRIPTS_FOLDER      Its own pid and start time go to mains.pid; killing it is a power cut.
set -u
cd "$1" || exit 1
scripts=$2
read -r stat < "/proc/$$/stat"
set -- ${stat##*) }
echo "$$ ${20}" > mains.new && mv mains.new mains.pid
while :; do
    rm -f init.pid
    # Moved into a cgroup of its own, so that a systemd inside finds an empty tree below it.
    if [ -s cgroup ]; then
        read -r cgroup < cgroup
        mkdir -p "$cgroup" && setpriv --pdeathsig KILL sh -c 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"' sh "$cgroup" \
            unshare --net --mount --uts --ipc --cgroup --propagation private sh "$scripts/boot.sh"
    else
        setpriv --pdeathsig KILL unshare --net --mount --uts --ipc --propagation private sh "$scripts/boot.sh"
    fi
    status=$?
    rm -f init.pid
    # 64: the plain init's word for reboot. 129 (SIGHUP): the kernel's, for reboot(2) inside a pid namespace.
    case $status in 64 | 129) ;; *) echo "$status" > off; exit 0 ;; esac
    read -r delay < reboot_delay
    sleep "$delay"
done
