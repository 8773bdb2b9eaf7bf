# pip of a virtual environment, run as the user to whom that belongs: whoever may write there could otherwise have root
# run what they like. The system's own Python is never touched.

# pip_owner FOLDER: sets pip_user; false with trouble said if this is no virtual environment that one user owns.
pip_owner() {
    trouble=''
    if [ ! -f "$1/pyvenv.cfg" ] || [ ! -e "$1/bin/python" ]; then
        trouble="$1 is no virtual environment (it has no pyvenv.cfg or no bin/python); the system's Python is left alone"
        return 1
    fi
    pip_user=$(stat -c %U "$1" "$1/bin" "$1/bin/python" "$1/pyvenv.cfg" | sort -u)
    case $pip_user in
    *"$NL"*)
        trouble="$1 belongs to several users, so nobody can say who may run its pip"
        return 1
        ;;
    esac
}

# pip_as WORD…: run it as pip_user.
pip_as() {
    if [ "$pip_user" = "$(id -un)" ]; then
        "$@"
        return
    fi
    pip_line=''
    for pip_word; do
        replace "$pip_word" "'" "'\\''"
        pip_line="$pip_line '$REPLY'"
    done
    su -s /bin/sh "$pip_user" -c "$pip_line"
}

# pip_run FOLDER ARGUMENT…
pip_run() {
    pip_folder=$1
    shift
    pip_as "$pip_folder/bin/python" -I -m pip --no-input --no-color --disable-pip-version-check --retries 1 "$@" 2>&1
}

# pip_installed FOLDER LABEL: sets installed (lines LABEL:name|version) and pip_names. What was not installed from an index
# by its version (editable, from a folder, from a repository) is not ours to replace.
pip_installed() {
    installed='' pip_names='' pip_label=$2
    pip_list=$(pip_run "$1" freeze --all) || { extras_trouble "$pip_list"; return 1; }
    each_line pip_take "$pip_list"
}

pip_take() {
    case $1 in
    *[!A-Za-z0-9._=+!-]* | -*) ;;
    *?==?*)
        installed="$installed$pip_label:${1%%==*}|${1#*==}$NL"
        pip_names="$pip_names ${1%%==*}"
        ;;
    esac
}

# pip_pending FOLDER NAME…: adds to pending what the resolver would install for these names. An index that does not answer
# lets pip say that all is satisfied, so its warnings count.
pip_pending() {
    pip_folder=$1
    shift
    [ $# != 0 ] || return 0
    pip_said=$(pip_run "$pip_folder" install --dry-run --upgrade "$@")
    pip_rc=$?
    case $pip_said in
    *"no such option: --dry-run"*)
        trouble="its pip is too old to say what it would do; upgrade pip there to 22.2 or later"
        return 1
        ;;
    esac
    trouble=$(printf '%s\n' "$pip_said" | grep -E '^(ERROR:|WARNING: (Retrying \(Retry\(total=0|Location |Could not|Skipping page))' | head -n 1)
    if [ -z "$trouble" ] && [ "$pip_rc" != 0 ]; then extras_trouble "$pip_said"; fi
    [ -z "$trouble" ] || return 1
    for pip_word in $(printf '%s\n' "$pip_said" | sed -n 's/^Would install //p'); do
        extras_version "$installed" "$pip_label:${pip_word%-*}"
        pending="$pending$pip_label:${pip_word%-*}|$version|${pip_word##*-}$NL"
    done
}
