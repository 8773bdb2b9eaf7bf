# What the step has printed since output_mark: read back from the spool, so that it flows unchanged meanwhile.
output_mark() {
    _mark=0
    [ ! -f "$spool/out" ] || _mark=$(wc -c <"$spool/out")
}

output_since() { tail -c "+$((_mark + 1))" "$spool/out" 2>/dev/null; }

# output_hint: the last line printed, and whether it looks as if somebody should have answered: stdin is closed.
output_hint() {
    _tail=$(output_since | tail -n 5 | tail -c 2000 | tr -d '\000')
    case $_tail in
    *'[Y/n]'* | *'[y/N]'* | *'(y/n)'* | *'(yes/no'* | *assword:* | *assphrase* | *EOFError* | *'EOF when reading'* | \
        *'end of file on stdin'* | *'not a tty'* | *'a terminal is required'* | *'stdin is not'*)
        _hint="asked for input, and nobody can answer: "
        ;;
    *) _hint='' ;;
    esac
    _tail=${_tail%"$NL"}
    printf '%s%s' "$_hint" "${_tail##*"$NL"}"
}

# judge STATUS CHANGED_STATUSES OK_STATUSES WHAT: the verdict on a program of the user's.
judge() {
    case " $2 " in *" $1 "*) changed "$4" "status=$1"; return 0 ;; esac
    case " $3 " in *" $1 "*) ok "$4 ended with status $1"; return 0 ;; esac
    _told=$(output_hint)
    failed "$4 ended with status $1${_told:+: $_told}"
}
