# For `mspctl dev capture`: what the programs that a step calls answer, told when the step is over.

# record_begin NAMES: from here on those of the names that are programs here answer through a recorder.
record_begin() {
    record=$spool/record
    mkdir "$record" "$record/bin" "$record/calls" || return 0
    # shellcheck disable=SC2016 # the recorder's own variables
    printf '%s\n' '#!/bin/sh' "PATH=$PATH" "calls=$record/calls" 'n=0' \
        'until mkdir "$calls/$n" 2>/dev/null; do n=$((n + 1)); done' \
        'printf "%s" "${0##*/}${*:+ $*}" >"$calls/$n/line"' \
        '"${0##*/}" "$@" >"$calls/$n/stdout" 2>"$calls/$n/stderr"' 'status=$?' \
        'printf "%s" "$status" >"$calls/$n/status"' \
        'cat "$calls/$n/stdout"' 'cat "$calls/$n/stderr" >&2' 'exit "$status"' >"$record/recorder"
    chmod 755 "$record/recorder"
    for _name in $1; do
        record_program "$_name"
    done
    PATH=$record/bin:$PATH
}

record_program() {
    for _folder in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
        if [ -x "$_folder/$1" ] && [ -f "$_folder/$1" ]; then
            ln -s "$record/recorder" "$record/bin/$1"
            return 0
        fi
    done
}

# record_tell: a line for each call, `call STATUS LINE STDOUT STDERR`, the last three in base64.
record_tell() {
    PATH=${PATH#"$record/bin:"}
    for _fact in os_id os_version os_family pkg init; do
        eval "fact \$_fact \"\$$_fact\""
    done
    n=0
    while [ -d "$record/calls/$n" ]; do
        _at=$record/calls/$n
        # `-` stands for an empty text, which would be no word.
        echo "call $(cat "$_at/status" 2>/dev/null || echo -) $(record_text line) $(record_text stdout) $(record_text stderr)"
        n=$((n + 1))
    done
}

record_text() {
    if [ -s "$_at/$1" ]; then base64 <"$_at/$1" | tr -d '\n'; else echo -; fi
}
