# What init says of a service and how to ask it: systemd, OpenRC or System V scripts.

# service_look NAME: sets service_known, service_active, service_enabled, service_busy (on its way up or down: a service that
# dies and is started again is so for most of the time); 1 or empty. service_silent is why there is no answer.
service_look() {
    service_known='' service_active='' service_enabled='' service_busy='' service_silent=''
    if [ "$init" = systemd ]; then
        # systemd answers for units that do not exist, too: LoadState=not-found.
        _shown=$(systemctl show -p LoadState -p ActiveState -p UnitFileState -- "$1" 2>&1) || { service_silent=${_shown:-systemctl failed}; return 0; }
        case $_shown in *LoadState=not-found* | *LoadState=masked*) ;; *LoadState=*) service_known=1 ;; esac
        case $_shown in *ActiveState=active* | *ActiveState=reloading*) service_active=1 ;; *ActiveState=activating* | *ActiveState=deactivating*) service_busy=1 ;; esac
        case $_shown in *UnitFileState=enabled* | *UnitFileState=static* | *UnitFileState=alias*) service_enabled=1 ;; *UnitFileState=generated*) service_look_links "$1" ;; esac
        return 0
    fi
    [ -x "/etc/init.d/$1" ] || return 0
    service_known=1
    if service_do "$1" status >/dev/null 2>&1; then service_active=1; fi
    if [ -e /run/openrc ]; then
        # shellcheck disable=SC2144 # one link is enough, and the name is fixed
        [ ! -e "/etc/runlevels/default/$1" ] || service_enabled=1
    else
        service_look_links "$1"
    fi
}

service_look_links() {
    for _l in /etc/rc[2345].d/S[0-9][0-9]"${1%.service}"; do
        [ ! -e "$_l" ] || service_enabled=1
    done
}

# service_do NAME start|stop|restart|reload|status: ask the init system.
service_do() {
    if [ "$init" = systemd ]; then
        systemctl --no-ask-password "$2" -- "$1"
    elif command -v rc-service >/dev/null 2>&1; then
        rc-service "$1" "$2"
    elif command -v service >/dev/null 2>&1; then
        service "$1" "$2"
    else
        "/etc/init.d/$1" "$2"
    fi
}

# service_enable NAME 1|'': at boot or not.
service_enable() {
    if [ "$init" = systemd ]; then
        if [ -n "$2" ]; then systemctl enable -q -- "$1"; else systemctl disable -q -- "$1"; fi
    elif command -v rc-update >/dev/null 2>&1; then
        if [ -n "$2" ]; then rc-update -q add "$1" default; else rc-update -q del "$1" default; fi
    elif command -v update-rc.d >/dev/null 2>&1; then
        if [ -n "$2" ]; then
            update-rc.d "$1" defaults && update-rc.d "$1" enable
        else
            update-rc.d "$1" disable
        fi
    elif command -v chkconfig >/dev/null 2>&1; then
        if [ -n "$2" ]; then chkconfig "$1" on; else chkconfig "$1" off; fi
    else
        echo "no tool to enable services (systemctl, rc-update, update-rc.d, chkconfig)"
        return 1
    fi
}
