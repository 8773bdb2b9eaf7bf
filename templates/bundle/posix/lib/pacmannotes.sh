# Which scripts of packages and which hooks of pacman have failed: remembered on the host, as pacman keeps no record of it.

# Lines NAME|VERSION|TIME: in force as long as that version is the one that was installed at that time. Of a hook they are
# hook DESCRIPTION|FILE|TIME, in force as long as pacman's log knows of no later run of it. Who has mended it otherwise
# takes the line out.
PACMAN_NOTES=/var/lib/mspctl-unfinished

# After each transaction: what has failed in it, and of what failed before what is still in force.
pacman_remember() {
    pacman_notes=''
    if [ -e "$PACMAN_NOTES" ]; then each_line pacman_note_again "$(cat "$PACMAN_NOTES")"; fi
    each_line pacman_note "$pm_said"
    if [ -z "$pacman_notes" ]; then
        [ ! -e "$PACMAN_NOTES" ] || rm -f "$PACMAN_NOTES"
    elif ! printf '%s' "$pacman_notes" >"$PACMAN_NOTES.new" || ! mv "$PACMAN_NOTES.new" "$PACMAN_NOTES"; then
        pm_reason="$pm_reason; the next look cannot know of it, for $PACMAN_NOTES cannot be written"
    fi 2>/dev/null
}

pacman_note_again() {
    if pacman_in_force "$1"; then pacman_notes=$pacman_notes$1$NL; fi
}

pacman_note() {
    case $1 in "~"*) ;; *) return 0 ;; esac
    _name=${1#"~"} _name=${_name%%|*} _version=''
    case $_name in
    "hook "*)
        _version=$(grep -lsFx "Description = ${_name#hook }" /etc/pacman.d/hooks/*.hook /usr/share/libalpm/hooks/*.hook | sed 1q)
        _version=${_version##*/}
        ;;
    *)
        # A package whose script failed as it was removed is gone.
        _version=$(pacman -Q -- "$_name" 2>/dev/null) || return 0
        _version=${_version##* }
        ;;
    esac
    pacman_since "$_name" "$_version"
    case $NL$pacman_notes in
    *"$NL$_name|$_version|$_since$NL"*) ;;
    *) pacman_notes="$pacman_notes$_name|$_version|$_since$NL" ;;
    esac
}

# pacman_since NAME VERSION: sets _since to when it was installed, of a hook to when it last ran; empty if it never was.
pacman_since() {
    case $1 in
    "hook "*) _since=$(awk -v hook="running '$2'..." 'index($0, hook) { last = $1 } END { print last }' /var/log/pacman.log 2>/dev/null) ;;
    *) _since=$(sed -n '/^%INSTALLDATE%$/{n;p;}' "$PACMAN_DB/local/$1-$2/desc" 2>/dev/null) ;;
    esac
}

pacman_in_force() {
    pm_fields "$1"
    pacman_since "$_name" "$_old"
    [ -n "$_name" ] && [ "$_since" = "$_new" ] || return 1
    case $_name in "hook "*) ;; *) [ -n "$_since" ] ;; esac
}

pacman_unfinished() {
    [ -r "$PACMAN_NOTES" ] || return 0
    each_line pacman_unfinished_one "$(cat "$PACMAN_NOTES")"
}

pacman_unfinished_one() {
    pacman_in_force "$1" || return 0
    case $_name in
    "hook "*) scan_broken="$scan_broken$_name||hook-failed$NL" ;;
    *) scan_broken="$scan_broken$_name|$_old|script-failed$NL" scan_mend=${scan_mend:-"reinstall what was not finished"} ;;
    esac
}
