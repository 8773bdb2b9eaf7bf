# Where the settings of a program are: files that include others, and whether the program runs at all.

# follow AWK FOLDER FILE…: sets `files`, a line each, to those that are there and what they include, each once. AWK prints the paths
# that a line includes, globs among them; relative ones are below FOLDER, or beside the file itself where that is empty.
follow() {
    _awk=$1 _from=$2 files='' _queue=''
    shift 2
    for _path do _queue=$_queue$_path$NL; done
    while [ -n "$_queue" ]; do
        _path=${_queue%%"$NL"*} _queue=${_queue#*"$NL"}
        [ -f "$_path" ] || continue
        case $NL$files in *"$NL$_path$NL"*) continue ;; esac
        files=$files$_path$NL
        each_line follow_glob "$(awk "$_awk" "$_path" 2>/dev/null)"
    done
}
follow_glob() {
    case $1 in /*) _glob=$at$1 ;; *) _glob=${_from:-${_path%/*}}/$1 ;; esac
    _blanks=$IFS IFS=''
    for _hit in $_glob; do _queue=$_queue$_hit$NL; done
    IFS=$_blanks
}

# with_files COMMAND…: with `files` as further arguments.
with_files() {
    _blanks=$IFS IFS=$NL
    set -f
    # shellcheck disable=SC2086 # a file a line
    set -- "$@" $files
    set +f
    IFS=$_blanks
    "$@"
}

# processes NAME…: sets REPLY to the folders in /proc of the host's own processes that have one of these names (15 characters at
# most), and none of its containers'.
processes() {
    REPLY=''
    _own=$(readlink "$at/proc/self/ns/pid" 2>/dev/null)
    for _name do
        # shellcheck disable=SC2013 # paths without blanks
        for _comm in $(grep -l -s -x -F -- "$_name" "$at"/proc/[0-9]*/comm); do
            [ "$(readlink "${_comm%/comm}/ns/pid" 2>/dev/null)" != "$_own" ] || REPLY="$REPLY ${_comm%/comm}"
        done
    done
    [ -n "$REPLY" ]
}

# may_run NAME…: false if none of these runs. In an image nothing does, and what it would start counts.
may_run() {
    processes "$@" || ! any_there "$at"/proc/[0-9]*/comm
}

# switch_on UNIT…: for good, the first of these units of systemd that is installed.
switch_on() {
    [ -z "$at" ] || { REPLY="nothing runs in an image"; return 1; }
    [ "$init" = systemd ] || { REPLY="only units of systemd can be switched on"; return 1; }
    for _unit do
        systemctl cat "$_unit" >/dev/null 2>&1 || continue
        _told=$(systemctl enable --now "$_unit" 2>&1) || { REPLY="$_unit: $_told"; return 1; }
        return 0
    done
    REPLY="none of these is installed: $*"
    return 1
}

# not_found NAME…: where nothing was found to judge though one of these runs, its settings are elsewhere.
not_found() {
    case $_is in '' | absent) ;; *) return 0 ;; esac
    if processes "$@"; then unseen "$1 runs, and its settings are not where they are looked for"; else absent; fi
}
