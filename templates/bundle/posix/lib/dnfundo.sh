# What dnf did last, from its history, and the way back: the versions from before, as far as the sources still have them.

# dnf_undo_scan SINCE: see pm.sh.
dnf_undo_scan() {
    undo_changes='' undo_error='' dnf_back=''
    dnf_ask undo "$1" '' "$DNF_UNDO"
    each_line dnf_undo_record "$_answer"
}

dnf_undo_record() {
    case $1 in
    "P|"*) undo_changes=$undo_changes${1#P|}$NL ;;
    "R|"*) undo_changes="$undo_changes${1#R|}||no|$NL" ;;
    "T|"*) dnf_back=${1#T|} ;;
    "!|"*) undo_error=${undo_error:-${1#!|}} ;;
    esac
}

dnf_undo() { dnf_run "$1" history rollback "$dnf_back"; }

# T names the transaction to go back to. A roll back is not itself rolled back.
DNF_UNDO='
import time

def past_since(since):
    begin = 0
    if since:
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
            try:
                begin = time.mktime(time.strptime(since, form))
            except ValueError:
                continue
            break
        else:
            raise SystemExit("no time that can be read: " + since)
    found = []
    for past in sorted(base.history.old(limit=500), key=lambda each: -each.tid):
        if past.beg_timestamp < begin or (found and not since):
            return found, past.tid
        if re.search("history +(rollback|undo)", past.cmdline or ""):
            # After that dnf would take its own history for what is installed, and remove what was only upgraded.
            if past.return_code:
                raise SystemExit("cannot be rolled back: an earlier roll back failed half-way; "
                                 "bring the versions back by name (dnf downgrade)")
            return found, past.tid if found else None
        # Finishing what was half done changes no version: the last transaction is the one before.
        if not since and all(item.action_name.startswith("Reinstall") for item in past.packages()):
            continue
        found.append(past)
    if found:
        return found, None
    return found, 0

# name and architecture: the version from before the first of these transactions; empty if it was not there.
def undo(since):
    found, goal = past_since(since)
    if not found and goal is None:
        return
    if not found:
        raise SystemExit("dnf\047s history tells of no transaction" + (" since " + since if since else ""))
    if goal is None:
        raise SystemExit("cannot be rolled back: dnf\047s history begins with that transaction")
    before = {}
    for past in found:
        items = list(past.packages())
        gone = {(item.name, item.arch): item.evr for item in items
                if item.action_name in ("Upgraded", "Downgraded", "Removed", "Obsoleted", "Reinstalled")}
        for item in items:
            before[item.name, item.arch] = re.sub("^0:", "", gone.get((item.name, item.arch), ""))
    installed = base.sack.query().installed()
    lost = []
    for (which, arch), version in sorted(before.items()):
        now = installed.filter(name=which, arch=arch)
        there = base.sack.query().available().filter(name=which, arch=arch, evr=version) if version else ()
        if not version:
            for package in now:
                base.package_remove(package)
        elif now.filter(evr=version):
            continue
        elif not there:
            lost.append(which + " " + version)
        elif now:
            base.package_downgrade(there[0])
        else:
            base.package_install(there[0])
    if lost:
        raise SystemExit("cannot be rolled back: no source has " + ", ".join(lost))
    say("T", goal)
    base.resolve(allow_erasing=True)
    came = {which for (which, arch), version in before.items() if not version}
    coming = {package.name for package in base.transaction.install_set} if base.transaction else set()
    for package in base.transaction.remove_set if base.transaction else ():
        if package.name not in came and package.name not in coming:
            raise SystemExit("cannot be rolled back: " + package.name + " would be removed, too")
'
