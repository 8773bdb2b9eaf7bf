# Services that still run code from before an upgrade: their processes map program files that are no longer on the disk.

# One process reads all maps, and only root can: others get no finding rather than half of them.
stale_report() {
    [ -r /proc/1/environ ] || return 0
    _found=$(cd /proc && timeout 20 grep -lsE ' r.x. .* /(usr|lib|lib32|lib64|bin|sbin|opt)/.* \(deleted\)$' [0-9]*/maps)
    # A process that hangs in the kernel can make its map hang, too (124); or there is no timeout(1).
    [ $? -lt 124 ] || finding restart:unknown "reason=the memory maps of all processes could not be read in 20 s"
    _seen=' ' _stale=0
    each_line stale_process "$_found"
}

# stale_process PID/maps. At most fifty: a host with more of them wants a reboot, not a list.
stale_process() {
    [ "$_stale" -lt 50 ] || return 0
    _unit='' _comm=''
    while IFS=: read -r _n _c _path; do
        case $_n:$_c in 0: | *:name=systemd) _unit=${_path##*/} ;; esac
    done 2>/dev/null <"/proc/${1%/maps}/cgroup" || return 0
    case $_unit in
    ssh@*.service | sshd@*.service | user@*.service) return 0 ;;
    init.scope) _unit=systemd ;;
    *.service) ;;
    *.scope) return 0 ;;
    *)
        [ "$init" != systemd ] || return 0
        read -r _comm 2>/dev/null <"/proc/${1%/maps}/comm" || return 0
        # Ours, and those of people at work.
        case $_comm in sh | dash | ash | bash | sudo | su | login | sshd-session) return 0 ;; esac
        _unit=$_comm
        ;;
    esac
    case $_seen in *" $_unit "*) return 0 ;; esac
    _seen="$_seen$_unit " _stale=$((_stale + 1))
    finding "restart:$_unit" "reason=runs code from before the upgrade"
}
