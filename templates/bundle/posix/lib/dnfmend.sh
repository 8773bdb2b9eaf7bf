# How what a killed dnf or a failed scriptlet left is finished, within the policy.

# The old version that a killed rpm left goes, and what it was cut off in is reinstalled with that; so is what a scriptlet
# failed of.
dnf_mend() {
    _wait=$1 dnf_keep=''
    dnf_mend_plan
    each_line dnf_mend_keep "$mend_stay"
    # shellcheck disable=SC2086 # options, a list of names
    if [ -n "$dnf_twice" ]; then dnf_run "$_wait" $dnf_keep remove --duplicates || return 1; fi
    [ -n "$dnf_again" ] || return 0
    # shellcheck disable=SC2086 # options, a list of names
    dnf_run "$_wait" $dnf_keep reinstall $dnf_again || return 1
    pm_mended
}
dnf_mend_keep() { dnf_keep="$dnf_keep --exclude=${1%%[|:]*}"; }

dnf_mend_plan() {
    dnf_again='' dnf_twice=''
    each_line dnf_mend_sort "$scan_broken"
}

dnf_mend_sort() {
    case $1 in
    *"|duplicate") dnf_twice=1 ;;
    *) pm_is_to_come "$1" || dnf_again="$dnf_again $(dnf_spec "${1%%|*}")" ;;
    esac
}

# What that would change beside them.
dnf_mending() {
    dnf_mend_plan
    _barred=''
    each_line dnf_barred "$barred"
    dnf_ask mend "$dnf_again" "$_barred" "$DNF_MEND"
    chosen_now=''
    each_line dnf_scan_record "$_answer"
    scan_pending=''
    each_line dnf_mend_other "$chosen_now"
    [ -z "$scan_removes" ] || scan_error="$(pm_names "$scan_removes") would be removed"
}

# A reinstallation is no change.
dnf_mend_other() {
    pm_fields "$1"
    [ "$_old" = "$_new" ] || scan_pending=$scan_pending$1$NL
}

# As `dnf remove --duplicates` and `dnf reinstall` do it.
DNF_MEND='
def mend(specs):
    installed = base.sack.query().installed()
    twice = installed.duplicated().difference(installed.filter(provides=base.conf.installonlypkgs))
    found = {}
    for package in sorted(twice, reverse=True):
        found.setdefault((package.name, package.arch), []).append(package)
    for newest, *older in found.values():
        with contextlib.suppress(dnf.exceptions.PackagesNotAvailableError):
            base.reinstall(str(newest))
        for package in older:
            base.package_remove(package)
    for spec in specs:
        try:
            base.reinstall(spec)
        except dnf.exceptions.PackagesNotAvailableError as lost:
            raise SystemExit("no source has " + ", ".join(str(package) for package in lost.packages))
    base.resolve()
'
