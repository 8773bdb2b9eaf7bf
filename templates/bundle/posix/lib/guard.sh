# What the policy keeps as it is stays so against the two that would go past it: a removal, and the mending of what is broken.

# pm_held_removals: sets victims to what of scan_removes a rule holds in the version that is installed, as barred has it.
pm_held_removals() {
    victims='' bad_rule=''
    [ -n "$rules" ] && [ -n "$scan_removes" ] || return 0
    _barred=$barred barred=''
    _decided=$(printf '%s\n-- removes\n%s\n' "$rules" "$scan_removes" | awk "$PM_POLICY")
    pm_decide
    victims=$barred barred=$_barred
}

# ----------------------------------------------------------------------------------------------------- removals

# A package that the policy holds stays on the host where removals are allowed, too: what would take it away stays back.
pm_guard_removals() {
    [ -n "$allow_removals" ] && [ -z "$scan_error" ] && [ -n "$chosen$everything" ] || return 0
    pm_held_removals
    [ -z "$scan_error" ] && [ -n "$victims" ] || return 0
    guard_barred=$barred guard_targets=$targets guard_stay='' guard_told='' everything=''
    pm_find_takers
    each_line pm_culprit "$guard_takers"
    pm_leave_back "$guard_stay"
    if [ -z "$scan_error" ] && pm_held_removals && [ -n "$victims" ]; then
        # Only several of them together take it away.
        guard_removed=$victims guard_stay='' guard_told=''
        each_line pm_stay "$guard_takers"
        pm_leave_back "$guard_stay"
        pm_held_removals
    fi
    if [ -z "$scan_error" ] && [ -n "$victims" ]; then
        scan_error="the upgrade would remove $(pm_names "$victims"), which the policy holds"
    fi
    if [ -n "$scan_error" ]; then chosen='' barred=$guard_barred; else kept=$kept$guard_told; fi
}

# Sets guard_takers to the updates that cannot be had without any removal.
pm_find_takers() {
    guard_takers='' guard_harmless=$(pm_choose_harmless)
    each_line pm_taker "$chosen"
}

pm_choose_harmless() {
    allow_removals=''
    "${pm}_closure" >/dev/null 2>&1
    [ -n "$scan_error" ] || printf '%s' "$chosen"
}

pm_taker() {
    case $NL$guard_harmless$NL in *"$NL${1%%|*}|"*) ;; *) guard_takers=$guard_takers$1$NL ;; esac
}

# A taker that removes something held without the help of others stays.
pm_culprit() {
    guard_removed=$(pm_removed_by "$1")
    [ -z "$guard_removed" ] || pm_stay "$1"
}

pm_removed_by() {
    guard_it=$1 guard_stay='' guard_removed=''
    each_line pm_stay_beside "$guard_takers"
    pm_leave_back "$guard_stay" >/dev/null 2>&1
    pm_held_removals
    [ -n "$scan_error" ] || printf '%s' "$victims"
}

pm_stay_beside() { [ "$1" = "$guard_it" ] || pm_stay "$1"; }

# guard_stay is as barred: who would take what away, and why that must not go. Of what is not there yet nothing is kept back:
# then the one whose place it would take is told of, in guard_told.
pm_stay() {
    pm_fields "$1"
    guard_hold=${guard_removed%%"$NL"*} guard_victim=${guard_hold%%|*}
    guard_hold=${guard_hold#*"|policy-hold|"} guard_hold="which the policy holds${guard_hold:+: $guard_hold}"
    guard_stay="$guard_stay$_name|$_old|$_new|$_sec|policy-hold|would remove $(pm_names "$guard_removed"), $guard_hold$NL"
    [ -z "$_old" ] || return 0
    _old=${guard_removed#*|} _old=${_old%%|*}
    guard_told="$guard_told$guard_victim|$_old|$_new|$_sec|policy-hold|$_name would take its place, $guard_hold$NL"
}

# pm_leave_back BARS: chooses anew without these.
pm_leave_back() {
    barred=$guard_barred$1 kept='' targets=''
    for _target in $guard_targets; do
        case $NL$barred in *"$NL$_target|"*) ;; *) targets="$targets $_target" ;; esac
    done
    chosen='' scan_removes=''
    [ "$scope" = all ] || [ -n "$targets" ] || return 0
    "${pm}_closure"
    pm_settle
}

# ------------------------------------------------------------------------------------------------------ mending

# pm_look_at_mending: a look tells whether the policy lets what is broken be mended: mend_refused says why not, and is what
# keeps the host from an answer where nothing can be done before. Sets mend_stay, too, and mend_adds, of pm_mend_within.
pm_look_at_mending() {
    mend_refused='' mend_stay='' mend_adds=''
    [ -n "$scan_mend" ] && [ -n "$scan_error${repair-1}" ] && pm_can mending || return 0
    case ${scan_error:+error}${scan_broken:+broken} in
    error) ;;
    # dpkg first finishes what it has begun: only then does apt know what is unmet.
    broken) [ "$pm" != apt ] || return 0 ;;
    *) return 0 ;;
    esac
    pm_mend_within && return 0
    mend_refused=$pm_reason scan_mend=''
    [ -z "$scan_error" ] || scan_error=$pm_reason barred=$mend_stay
}

# pm_mend_within: what mending would change is put to the policy as any update is, whatever the scope: sets mend_stay to
# what has to stay as it is, mend_adds to what would change. False, with pm_reason, where mending cannot be done so.
# <pm>_mending is the question: with what is barred as it is, it sets scan_pending to what would change, or scan_error.
pm_mend_within() {
    pm_reason='' mend_stay='' mend_adds=''
    each_line pm_mend_answer "$(pm_plan_mending)"
    [ -z "$pm_reason" ]
}

pm_mend_answer() {
    case $1 in
    "!|"*) pm_reason=${1#!|} ;;
    "B|"*) mend_stay=$mend_stay${1#B|}$NL ;;
    "P|"*) mend_adds=$mend_adds${1#P|}$NL ;;
    esac
}

# Prints the reason after !, what has to stay after B, what would change after P. Whenever something more has to stay, the
# resolver may think of something else.
pm_plan_mending() {
    mend_stay='' mend_known=$NL$scan_pending _round=0
    while [ "$_round" -lt 5 ]; do
        barred=$mend_stay scan_error='' scan_pending='' scan_removes=''
        "${pm}_mending" >/dev/null 2>&1
        [ -z "$scan_error" ] || break
        mend_list=$scan_pending scan_pending=''
        each_line pm_mend_recognise "$mend_list"
        pm_judge all
        if [ -n "$scan_error" ] || [ -z "$barred" ]; then break; fi
        mend_stay=$mend_stay$barred _round=$((_round + 1))
    done
    mend_names=''
    each_line pm_name_stay "$mend_stay"
    if [ -n "$mend_names" ] && [ -n "$scan_error$barred" ]; then
        scan_error="what is broken cannot be mended without a change of ${mend_names#, }"
    elif [ -n "$scan_error" ]; then
        # The resolver keeps these as they are by itself, and names none of them.
        scan_error="what is broken cannot be mended: $scan_error${scan_holds:+ (on hold on this host: $(pm_names "$scan_holds"))}"
    fi
    [ -z "$scan_error" ] || printf '!|%s\n' "$scan_error"
    printf '%s' "$mend_stay" | sed 's/^/B|/'
    printf '%s' "$scan_pending" | sed 's/^/P|/'
}

# The look knows more of an update: whether it is one for security.
pm_mend_recognise() {
    pm_fields "$1"
    case $mend_known in
    *"$NL$_name|$_old|$_new|"*) _more=${mend_known#*"$NL$_name|$_old|$_new|"} _more=${_more%%"$NL"*} ;;
    *) _more=$_sec"|"$_more ;;
    esac
    scan_pending="$scan_pending$_name|$_old|$_new|$_more$NL"
}

pm_name_stay() {
    pm_fields "$1"
    _more=${_more%"|"}
    case $_more in *"|"*) _more="${_more%%|*}: ${_more#*|}" ;; esac
    mend_names="$mend_names, $_name ($_more)"
}

# pm_is_to_come RECORD: an update that is to come runs the scripts anew, so nothing has to be reinstalled.
pm_is_to_come() { case $NL$chosen in *"$NL${1%%|*}|"*) ;; *) return 1 ;; esac }

# Says of what was reinstalled that it was. Its version is as before, which nobody could tell from a change that was not made.
pm_mended() { each_line pm_mended_one "$scan_broken"; }

pm_mended_one() {
    ! pm_is_to_come "$1" || return 0
    pm_fields "$1"
    case $_new in *script*-failed) changed "$_name" "old=$_old" "new=$_old" security=no ;; esac
}
