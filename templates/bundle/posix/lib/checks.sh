# Runs the checks that a module declares under `checks` in its module.yml. Set by the module: root (where the host's
# disk is seen), fail_on (high, medium, low or never), waived (ids that somebody answers for) and remediate (ids whose
# remedy is asked for), each between blanks. Each check is a function `see_<id>` that says at least one of:
#   good            looked at, and as it should be
#   bad EVIDENCE    not as it should be; may be said several times
#   unseen WHY      it could not be measured, which is never good
#   absent WHY      there is nothing here that the check is about
# A check that says nothing was not measured, either. Where there is a function `mend_<id>`, it applies the remedy; false
# means that it did not, for the reason in REPLY. The outcome is what the check says afterwards.

checks_run() {
    at=${root%/}
    _all=0 _good=0 _bad=0 _unseen=0 _absent=0 _waived=0 _failing='' _blind='' to_mend='' _stuck='' _spared=''
    [ "$phase" = after ] || _trouble=''
    declared_checks
    metric checks.run "$_all"
    metric checks.good "$_good"
    metric checks.bad "$_bad"
    metric checks.unmeasured "$_unseen"
    metric checks.not_applicable "$_absent"
    metric checks.waived "$_waived"
    _words="$_good good, $_bad bad, $_unseen not measured, $_absent not applicable"
    [ "$_waived" = 0 ] || _words="$_words, of these $_waived waived"
    [ -z "$_spared" ] || _words="$_words; waived, so not remedied: ${_spared#, }"
    # What is to be remedied is judged by the look after that.
    [ -z "$to_mend" ] || return 0
    if [ -n "$_stuck" ]; then
        failed "$_words; asked to be remedied and still bad: ${_stuck#, }${_trouble:+ (${_trouble#; })}"
    elif [ -n "$_failing$_blind" ]; then
        failed "$_words${_failing:+; bad: ${_failing#, }}${_blind:+; not measured: ${_blind#, }}"
    else
        ok "$_words"
    fi
}

# one ID FUNCTION SEVERITY TITLE REFERENCE REMEDY MENDER: `declared_checks` is made of these.
one() {
    _all=$((_all + 1)) _is='' _evidence='' _times=0 _unseen_why='' _absent_why=''
    "$2"
    case $_is in
    good)
        _good=$((_good + 1))
        fact "check.$1" good
        ;;
    bad)
        _bad=$((_bad + 1))
        fact "check.$1" bad
        [ "$_times" -le 10 ] || _evidence="$_evidence; and $((_times - 10)) more"
        one_found bad "$4: ${_evidence#; }" "$@"
        if one_asked "$1"; then one_to_mend "$1" "$4" "$7"; elif one_fails "$1" "$3"; then _failing="$_failing, $1"; fi
        ;;
    absent)
        _absent=$((_absent + 1))
        fact "check.$1" not-applicable
        ;;
    *)
        _unseen=$((_unseen + 1))
        fact "check.$1" unmeasured
        _evidence=${_unseen_why:-the check said nothing}
        one_found unmeasured "not measured: $4: $_evidence" "$@"
        if one_asked "$1" || one_fails "$1" "$3"; then _blind="$_blind, $1"; fi
        ;;
    esac
}

# one_asked ID: true if its remedy is asked for. Of what is waived none is applied.
one_asked() {
    case $remediate in *" $1 "*) ;; *) return 1 ;; esac
    case $waived in *" $1 "*) ;; *) return 0 ;; esac
    _spared="$_spared, $1"
    return 1
}

# one_to_mend ID TITLE MENDER
one_to_mend() {
    if [ "$phase" = after ]; then
        _stuck="$_stuck, $1"
    elif [ -z "$3" ]; then
        _stuck="$_stuck, $1" _trouble="$_trouble; nobody can remedy $1 but people"
    else
        to_mend="$to_mend$1 $3$NL"
        needed "check:$1" "title=$2"
    fi
}

# checks_mend [LATER]: applies what was asked for. A mender that only sets `later` is done by the function LATER, which
# says so by mended and not_mended.
checks_mend() {
    _mended=''
    each_line mend_one "$to_mend"
    ${1:-:}
    ok "remedied: ${_mended#, }${_spared:+; waived, so not remedied: ${_spared#, }}"
}
mend_one() {
    _id=${1%% *} REPLY='' later=''
    if ! "${1#* }"; then not_mended "$_id" "$REPLY"; elif [ -z "$later" ]; then mended "$_id"; fi
}
mended() {
    _mended="$_mended, $1"
    changed "check:$1"
}
not_mended() {
    _said=1
    _trouble="$_trouble; $1: ${2:-its remedy failed}"
}

# one_found STATE REASON ID FUNCTION SEVERITY TITLE REFERENCE REMEDY
one_found() {
    _one_id=$3
    set -- "check:$3" "state=$1" "severity=$5" "title=$6" "reason=$2" "evidence=${_evidence#; }" "remedy=$8" "reference=$7"
    [ -n "${8#*=}" ] || set -- "$1" "$2" "$3" "$4" "$5" "$6" "$7"
    case $waived in
    *" $_one_id "*)
        _waived=$((_waived + 1))
        set -- "$@" waived=yes
        ;;
    esac
    finding "$@"
}

# one_fails ID SEVERITY: what is waived fails nothing.
one_fails() {
    case $waived in *" $1 "*) return 1 ;; esac
    case $fail_on:$2 in low:* | medium:medium | medium:high | high:high) return 0 ;; esac
    return 1
}

good() {
    case $_is in '' | absent) _is=good ;; esac
}
bad() {
    # Whoever could not look everywhere has still seen this.
    _is=bad _times=$((_times + 1))
    [ "$_times" -gt 10 ] || _evidence="$_evidence; $1"
}
unseen() {
    [ "$_is" = bad ] || _is=unseen
    [ -n "$_unseen_why" ] || _unseen_why=$1
}
absent() { [ -n "$_is" ] || _is=absent; }

# readable FILE: true if it is there and can be read; false if it is not there (absent) or cannot be read (unseen).
readable() {
    if [ -r "$1" ]; then return 0; fi
    if [ -e "$1" ]; then unseen "$1 cannot be read"; else absent; fi
    return 1
}

# loose MASK PATH: sets REPLY to the octal mode if any bit of MASK (octal digits such as 022) is set.
loose() {
    REPLY=$(stat -L -c %a -- "$2" 2>/dev/null) || { unseen "the mode of $2 cannot be asked for"; return 1; }
    [ $((0$REPLY & 0$1)) != 0 ]
}

# tight MASK PATH…: each that is there has none of the bits of MASK.
tight() {
    _mask=$1
    shift
    _there=''
    for _path do
        [ -e "$_path" ] || continue
        _there=1
        if loose "$_mask" "$_path"; then bad "${_path#"$at"} has mode $REPLY"; fi
    done
    if [ -n "$_there" ]; then good; else absent; fi
}

# tighten MASK PATH…: takes the bits of MASK from each that is there. The counterpart of tight.
tighten() {
    _mask=$1
    shift
    for _path do
        [ -e "$_path" ] || continue
        loose "$_mask" "$_path" || continue
        chmod "$(printf '%o' $((0$REPLY & ~0$_mask)))" "$_path" || { REPLY="the mode of $_path cannot be changed"; return 1; }
    done
}

# replace_file PATH: its new contents from stdin, all or nothing; owner and mode stay. A new one gets 644. What made the contents may
# have failed: a file with something in it is never replaced by an empty one.
replace_file() {
    _new=$1.mspctl-new
    if { [ ! -e "$1" ] || cp -p -- "$1" "$_new"; } && cat >"$_new" && { [ -s "$_new" ] || [ ! -s "$1" ]; } && mv -f -- "$_new" "$1"; then return 0; fi
    rm -f -- "$_new"
    REPLY="$1 cannot be written"
    return 1
}

# put_setting PATH NAME TEXT: the line TEXT in place of those whose first word is NAME.
put_setting() {
    _old=''
    [ ! -e "$1" ] || _old=$(awk -v name="$2" '$1 != name' "$1") || { REPLY="$1 cannot be read"; return 1; }
    printf '%s\n' ${_old:+"$_old"} "$3" | replace_file "$1"
}

# bad_lines TEXT: each line is evidence; none is good.
bad_lines() {
    each_line bad "$1"
    good
}

# no_line PATTERN FILE…: lines that match (extended, no case) and are no comments are bad, with their file's name.
no_line() {
    _pattern=$1
    shift
    for _path do
        [ -f "$_path" ] || continue
        if [ ! -r "$_path" ]; then unseen "$_path cannot be read"; continue; fi
        bad_lines "$(grep -E -i -- "$_pattern" "$_path" | grep -v '^[[:space:]]*[#;]' |
            sed "s|^[[:space:]]*|${_path#"$at"}: |")"
    done
    absent
}

# a_line PATTERN FILE…: true if one of the files has such a line that is no comment.
a_line() {
    _pattern=$1
    shift
    for _path do
        [ -f "$_path" ] || continue
        if grep -v '^[[:space:]]*[#;]' "$_path" | grep -E -i -q -- "$_pattern"; then return 0; fi
    done
    return 1
}

# any_there PATH…: true if one of them is there.
any_there() {
    for _path do [ ! -e "$_path" ] || return 0; done
    return 1
}

have() { command -v "$1" >/dev/null 2>&1; }
