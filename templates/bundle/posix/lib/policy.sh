# What the policy takes of what is pending. Rules are lines CODE|NAME|VERSION|DETAIL, names and versions by pattern; for
# each pending update the first that applies decides: hold, reject, quarantine, exclude, include, approve, ripe.

# pm_look [MODE]: scans, and lets the policy choose: sets what <pm>_scan sets, and
#   barred      name|old|new|security|reason|detail: what the policy keeps back
#   kept        the same, of what the resolver cannot do without touching those
#   chosen      what an upgrade would do, as scan_pending
#   targets     the names that it has to ask for
#   mend_refused  why the policy does not let be mended what is broken
#   everything  1 if it is simply all that is pending
# scope, names, rules, approval, defer_days, defer_security_days and allow_removals are the step's.
pm_look() {
    scan_error='' scan_pending='' scan_removes='' scan_held='' scan_holds='' scan_broken='' scan_mend='' scan_replaces=''
    if [ -n "$allow_removals" ]; then "${pm}_scan" full; else "${pm}_scan" upgrade; fi
    pm_choose
    pm_guard_removals
    pm_removals
    pm_look_at_mending
}

pm_choose() {
    barred='' kept='' chosen='' targets='' everything='' bad_rule=''
    [ -z "$scan_error" ] || return 0
    if [ "$scope" = security ] && pm_can security_ready && ! "${pm}_security_ready"; then
        scan_error=$pm_reason
        return 0
    fi
    case $scope:$approval:$defer_days:$defer_security_days:$rules in
    all:none:0:0:) everything=1 chosen=$scan_pending; return ;;
    esac
    [ -n "$scan_pending$scan_held" ] || return 0
    pm_judge "$scope"
    if [ -n "$scan_error" ]; then
        :
    elif [ "$scope" = all ] && [ -z "$barred" ]; then
        everything=1 chosen=$scan_pending
    elif [ -n "$targets" ] || { [ "$scope" = all ] && [ -n "$scan_replaces" ]; }; then
        "${pm}_closure"
        pm_settle
    elif [ -n "$allow_removals" ]; then
        # Nothing is done, so nothing goes.
        scan_removes=''
    fi
}

# pm_judge SCOPE: sets barred and targets to what the policy says of what is pending.
pm_judge() {
    barred='' targets='' bad_rule=''
    _decided=$(printf '%s\n-- pending\n%s\n-- held\n%s\n' "$rules" "$scan_pending" "$scan_held" |
        awk -v scope="$1" -v names="$names" -v approval="$approval" -v days="$defer_days" \
            -v security_days="$defer_security_days" -v replacers=", $(pm_names "$scan_replaces")," "$PM_POLICY")
    pm_decide
}

# Reads the decisions. The last line says that it is the last: rules that awk stumbled over must not count as none.
pm_decide() {
    _complete=''
    each_line pm_decision "$_decided"
    if [ -n "$bad_rule" ]; then
        scan_error="the rule cannot be read: $bad_rule"
    elif [ -z "$_complete" ]; then
        scan_error="the policy's rules could not be applied: awk failed on one of their patterns, or is missing"
    fi
}

pm_decision() {
    case $1 in
    "T|"*) targets="$targets ${1#T|}" ;;
    "B|"*) barred="$barred${1#B|}$NL" ;;
    "!|"*) bad_rule=${1#!|} ;;
    end) _complete=1 ;;
    esac
}

# The closure is checked: what is barred stays, and a target that the resolver left out is kept back.
pm_settle() {
    if [ -n "$scan_error" ]; then
        chosen=''
        return 0
    fi
    each_line pm_settle_chosen "$chosen"
    [ -z "$scan_error" ] || chosen=''
    each_line pm_settle_target "$scan_pending"
}

pm_settle_chosen() {
    case $NL$barred in
    *"$NL${1%%|*}|"*) scan_error="the resolver would change ${1%%|*}, which the policy keeps back" ;;
    esac
}

pm_settle_target() {
    case " $targets " in *" ${1%%|*} "*) ;; *) return 0 ;; esac
    case $NL$chosen$NL$kept in *"$NL${1%%|*}|"*) return 0 ;; esac
    pm_fields "$1"
    kept="$kept$_name|$_old|$_new|$_sec|kept-back|needs a package that the policy keeps back$NL"
}

# What stays behind because packages would have to go is worth their names: asked only when something is kept back.
pm_removals() {
    refused=''
    [ -z "$allow_removals" ] && [ -z "$scan_error" ] || return 0
    case $scan_held in *"|kept-back$NL"*) ;; *) refused=$scan_removes; return 0 ;; esac
    refused=$("${pm}_scan" full >/dev/null 2>&1
        [ -n "$scan_error" ] || printf '%s' "$scan_removes")
    [ -n "$refused" ] || return 0
    _list=$scan_held scan_held=''
    each_line pm_removals_detail "$_list"
}

pm_removals_detail() {
    case $1 in *"|kept-back") set -- "$1|needs the removal of $(pm_names "$refused"), which is not allowed" ;; esac
    scan_held="$scan_held$1$NL"
}

PM_POLICY='
function pattern(glob,   i, j, c, end, out) {
    out = "^"
    for (i = 1; i <= length(glob); i++) {
        c = substr(glob, i, 1)
        if (c == "*") out = out ".*"
        else if (c == "?") out = out "."
        else if (c == "[" && (end = index(substr(glob, i + 2), "]")) > 0) {
            c = substr(glob, i + 1, end)
            if (substr(c, 1, 1) == "!") c = "^" substr(c, 2)
            gsub(/\\/, "", c)
            for (j = 2; j < length(c); j++)
                if (substr(c, j, 1) == "-" && substr(c, j - 1, 1) > substr(c, j + 1, 1)) wrong = 1
            out = out "[" c "]"
            i += end + 1
        } else if (c ~ /[A-Za-z0-9_:~-]/) out = out c
        else if (c == "^" || c == "\\") out = out "\\" c
        else out = out "[" c "]"
    }
    return out "$"
}
# The DETAIL of the first rule of this kind that fits the record, after a mark; empty if there is none.
function rule(kind,   i, bare) {
    bare = $1; sub(/:.*/, "", bare)
    if ((kind, $1, $3) in exact) return exact[kind, $1, $3]
    if ((kind, $1, "*") in exact) return exact[kind, $1, "*"]
    if ((kind, bare, $3) in exact) return exact[kind, bare, $3]
    if ((kind, bare, "*") in exact) return exact[kind, bare, "*"]
    for (i = 1; i <= count[kind]; i++)
        if (($1 ~ name[kind, i] || bare ~ name[kind, i]) && $3 ~ version[kind, i]) return detail[kind, i]
    return ""
}
function bar(reason, why) { print "B|" $1 "|" $2 "|" $3 "|" $4 "|" reason "|" substr(why, 2); return 1 }
function barred(   wait) {
    if (rule("hold")) return bar("policy-hold", rule("hold"))
    if (rule("reject")) return bar("rejected", rule("reject"))
    if (rule("quarantine")) return bar("quarantined", "+failed elsewhere")
    if (rule("exclude")) return bar("excluded", rule("exclude"))
    # A new dependency waits for nobody: what needs it has been decided about. What takes the place of another is an update.
    if ($2 == "" && !index(replacers, ", " $1 ",")) return 0
    if (included && !rule("include")) return bar("not-included", "+")
    if ((approval == "all" || approval == "feature" && $4 != "yes") && !rule("approve")) return bar("approval", "+")
    wait = $4 == "yes" ? security_days : days
    if (wait > 0 && !rule("ripe")) return bar("deferred", "+until it has been known for " wait " days")
    return 0
}
BEGIN { FS = "|" }
$0 == "" { next }
/^-- / { part = $0; next }
part == "" {
    if ($1 !~ /^(hold|reject|quarantine|exclude|include|approve|ripe)$/ || NF < 2 || $2 == "") { print "!|" $0; next }
    if ($3 == "") $3 = "*"
    text = $4
    for (i = 5; i <= NF; i++) text = text "|" $i
    # What is written out needs no search: there may be one rule for each of hundreds of updates.
    if ($2 !~ /[*?[]/ && ($3 == "*" || $3 !~ /[*?[]/)) {
        if (!(($1, $2, $3) in exact)) exact[$1, $2, $3] = "+" text
    } else {
        i = ++count[$1]
        name[$1, i] = pattern($2); version[$1, i] = pattern($3); detail[$1, i] = "+" text
        # awks differ in what they make of [z-a]: an error, or a rule that never fits.
        if (wrong) { print "!|" $1 "|" $2 "|" $3 "|" text; exit }
    }
    if ($1 == "include") included = 1
    next
}
part == "-- removes" {
    $3 = $2; why = rule("hold"); $3 = ""
    if (why) bar("policy-hold", why)
    next
}
part == "-- pending" || scope == "named" && $5 != "hold" {
    bare = $1; sub(/:.*/, "", bare)
    wanted = scope == "all" || scope == "security" && $4 == "yes"
    if (scope == "named") wanted = index(names, " " $1 " ") || index(names, " " bare " ")
    if (part == "-- held" && !wanted) next
    if (!barred() && wanted && $2 != "") print "T|" $1
}
END { print "end" }'

# ------------------------------------------------------------------------------------------------------ reports

# pm_report: findings and held packages of the last look, then its metrics: readers take what stands before the count.
# Without the resolver's answer nothing is counted: none is not 0.
pm_report() {
    _pending=0 _pending_security=0 _held=0 _broken=0 pm_security='' pm_advised=''
    each_line pm_report_pending "$scan_pending"
    each_line pm_report_held "$barred$kept"
    each_line pm_report_held "$scan_held"
    each_line pm_report_hold "$scan_holds"
    each_line pm_report_broken "$scan_broken"
    each_line pm_report_removal "$refused"
    [ -z "$scan_error" ] || return 0
    metric packages.pending "$_pending"
    metric packages.security "$_pending_security"
    metric packages.held "$_held"
    metric packages.broken "$_broken"
}

pm_report_pending() {
    pm_fields "$1"
    [ -z "$_more" ] || pm_advised="$pm_advised$_name|$_more$NL"
    # A package that only comes along as a new dependency is no pending update.
    [ -n "$_old" ] || return 0
    [ "$_sec" != yes ] || pm_security="$pm_security ${_name%%:*}"
    case $NL$barred$kept in *"$NL$_name|"*) return 0 ;; esac
    _pending=$((_pending + 1))
    [ "$_sec" != yes ] || _pending_security=$((_pending_security + 1))
    finding "pending:$_name" "old=$_old" "new=$_new" "security=$_sec" ${_more:+"advisories=$_more"}
}

pm_report_held() {
    pm_fields "$1"
    _reason=${_more%%|*} _detail='' _ids=''
    case $_more in *"|"*) _detail=${_more#*|} ;; esac
    if [ -n "$_old" ]; then
        pm_advisories "$_name"
    else
        # Not installed, so nothing of it is held back: what it would take the place of is.
        pm_replaced "$_name" || return 0
        _detail="$_name would take its place${_detail:+: $_detail}" _name=$_replaced
    fi
    _held=$((_held + 1))
    held "$_name" "old=$_old" "new=$_new" "security=$_sec" "reason=$_reason" ${_detail:+"detail=$_detail"} \
        ${_ids:+"advisories=$_ids"}
}

# pm_replaced NAME: sets _replaced and _old to what it would take the place of; false if that is nothing.
pm_replaced() {
    case $NL$scan_replaces in *"$NL$1|"*) ;; *) return 1 ;; esac
    _replaced=$NL$scan_replaces
    _replaced=${_replaced#*"$NL$1|"} _replaced=${_replaced%%"$NL"*}
    _old=${_replaced#*|} _replaced=${_replaced%%|*}
}

# A hold with nothing newer to hold back is said as well: it will matter some day.
pm_report_hold() {
    case $NL$scan_held in *"$NL${1%%|*}|"* | *"$NL${1%%|*}:"*) return 0 ;; esac
    held "${1%%|*}" "old=${1#*|}" new= security=no reason=hold
}

pm_report_broken() {
    _broken=$((_broken + 1))
    _r=${1#*|}
    finding "broken:${1%%|*}" "version=${_r%%|*}" "state=${_r#*|}"
}

pm_report_removal() { finding "removal:${1%%|*}" "old=${1#*|}" "reason=an upgrade would remove it, which is not allowed"; }
