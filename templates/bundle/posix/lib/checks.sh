# Runs the checks that a module declares under `checks` in its module.yml. Set by the module: root (where the host's
# disk is seen), fail_on (high, medium, low or never), waived (ids that somebody answers for, each between blanks). Each check is a function `see_<id>` that says at least one of:
#   good            looked at, and as it should be
#   bad EVIDENCE    not as it should be; may be said several times
#   unseen WHY      it could not be measured, which is never good
#   absent WHY      there is nothing here that the check is about
# A check that says nothing was not measured, either.

checks_run() {
    at=${root%/}
    _all=0 _good=0 _bad=0 _unseen=0 _absent=0 _waived=0 _failing='' _blind=''
    declared_checks
    metric checks.run "$_all"
    metric checks.good "$_good"
    metric checks.bad "$_bad"
    metric checks.unmeasured "$_unseen"
    metric checks.not_applicable "$_absent"
    metric checks.waived "$_waived"
    _words="$_good good, $_bad bad, $_unseen not measured, $_absent not applicable"
    [ "$_waived" = 0 ] || _words="$_words, of these $_waived waived"
    [ -z "$_failing" ] || failed "$_words; bad: ${_failing#, }${_blind:+; not measured: ${_blind#, }}"
    [ -z "$_blind" ] || failed "$_words; not measured: ${_blind#, }"
    ok "$_words"
}

# one ID FUNCTION SEVERITY TITLE REFERENCE REMEDY: `declared_checks` is made of these.
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
        ! one_fails "$1" "$3" || _failing="$_failing, $1"
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
        ! one_fails "$1" "$3" || _blind="$_blind, $1"
        ;;
    esac
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

good() { [ -n "$_is" ] || _is=good; }
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
