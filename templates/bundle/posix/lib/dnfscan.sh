# What dnf would do, asked of dnf itself: its tables are for people (they wrap, and name no old version), its Python
# interface is stable from RHEL 8 to RHEL 10, and one process of it answers all.

# dnf_scan [MODE [NAME…]]: see pm.sh.
dnf_scan() {
    scan_error='' scan_pending='' scan_removes='' scan_held='' scan_broken='' scan_holds='' scan_mend='' scan_replaces=''
    _mode=${1:-upgrade}
    [ $# = 0 ] || shift
    dnf_ask "$_mode" "$*" ''
    chosen_now=''
    dnf_advised=''
    each_line dnf_scan_record "$_answer"
    scan_pending=$chosen_now
    case $scan_broken in
    *"|duplicate$NL"*) scan_mend="dnf remove --duplicates" ;;
    *"|scriptlet-failed$NL"*) scan_mend="dnf reinstall" ;;
    esac
}

# dnf_closure: of $targets (of all, if that is the scope), without touching $barred.
dnf_closure() {
    _mode=closure
    [ -z "$allow_removals" ] || _mode=closure-full
    _barred=''
    each_line dnf_barred "$barred"
    _list=$targets
    [ "$scope" != all ] || _list=''
    dnf_ask "$_mode" "$_list" "$_barred"
    chosen_now='' scan_removes='' _held=$scan_held _broken=$scan_broken _holds=$scan_holds
    each_line dnf_scan_record "$_answer"
    # What is held or broken on the host has been said by the scan; here it would be said of the barred as well.
    chosen=$chosen_now scan_held=$_held scan_broken=$_broken scan_holds=$_holds
}
dnf_barred() { _barred="$_barred ${1%%|*}"; }

dnf_scan_record() {
    _r=${1#*|}
    case $1 in
    "P|"*) chosen_now=$chosen_now$_r$NL ;;
    "R|"*) scan_removes=$scan_removes$_r$NL ;;
    "N|"*) scan_replaces=$scan_replaces$_r$NL ;;
    "K|"*) scan_held=$scan_held$_r$NL ;;
    "H|"*) scan_holds=$scan_holds$_r$NL ;;
    "B|"*) scan_broken=$scan_broken$_r$NL ;;
    S) dnf_advised=1 ;;
    "X|"*) dnf_avoid="$dnf_avoid $_r" ;;
    "!|"*) scan_error=${scan_error:-$_r} ;;
    esac
}

# dnf_ask MODE NAMES BARRED [PROGRAM]: sets _answer to records; one that begins with "!" is a reason why there are no others.
dnf_ask() {
    dnf_avoid=''
    dnf_python
    # A disk that is full or read-only has no room for the answer's temporary files.
    _answer=$(TMPDIR=/dev/shm "$dnf_python" -IB -c "${4-}$DNF_ASK" "$1" "$2" "$3" 2>&1) && return 0
    case $_answer in
    *"No module named 'dnf'" | *"No module named dnf" | *"$dnf_python: not found" | *"$dnf_python: No such file or directory")
        _answer="!|this host's dnf cannot be asked: it is not dnf 4, the one that has a Python interface"
        return 0
        ;;
    esac
    # What it could not answer at all ends with a line that says why.
    pm_said=$(printf '%s\n' "$_answer" | awk '
        /^Exception ignored/ { exit }
        /[^ ]/ { last = $0 }
        END { sub(/^([A-Za-z_.]*[Ee]rror: )+/, "Error: ", last); print last }') pm_status=1
    dnf_explain dnf
    _answer="!|$pm_reason"
}

# Sets dnf_python to the interpreter that dnf itself runs with.
dnf_python() {
    dnf_python=python3
    _f=$(command -v dnf-3 || command -v dnf) && read -r _line 2>/dev/null <"$_f" || return 0
    case $_line in
    "#!"*/env*) ;;
    "#!"*python*)
        _line=${_line#"#!"}
        dnf_python=${_line%% *}
        ;;
    esac
}

# Records as pm.sh wants them, each after a letter: P chosen, R removed, N takes the place of another, K held, H on hold, B broken, ! no answer; X, what
# must be excluded for that; S, that the repositories publish advisories.
# Double quotes only: the shell holds it between single ones.
DNF_ASK='
import contextlib, glob, os, re, shutil, sys, tempfile
import dnf, dnf.exceptions, dnf.lock, dnf.subject, hawkey

mode, names, barred = sys.argv[1], sys.argv[2].split(), sys.argv[3].split()
full = mode in ("full", "closure-full")
machine = os.uname()[4]
base = dnf.Base()
scratch = tempfile.mkdtemp()

def say(*fields):
    print("|".join(re.sub(r"[|\s]+", " ", str(field)) for field in fields))

def name(package):
    foreign = package.arch not in ("noarch", machine)
    return package.name + ":" + package.arch if foreign else package.name

def evr(package):
    return re.sub("^0:", "", package.evr)

def advised(old, new):
    found = [a for a in old.get_advisories(hawkey.GT)
             if any(p.name == new.name and base.sack.evr_cmp(p.evr, new.evr) <= 0 for p in a.packages)]
    ids = sorted({a.id for a in found})
    ids += sorted({r.id for a in found for r in a.references if r.type == hawkey.REFERENCE_CVE})
    secure = any(a.type == hawkey.ADVISORY_SECURITY for a in found)
    return ("yes" if secure else "no"), " ".join(ids)

def prepare():
    base.conf.read()
    base.conf.substitutions.update_from_etc("/", varsdir=base.conf.varsdir)
    base.conf.cacheonly = True
    base.conf.cachedir = base.conf.system_cachedir
    base.conf.logdir = scratch
    # Even to be read, the history must be on a disk that can be written, and has room.
    disk = os.statvfs(base.conf.persistdir)
    if disk.f_flag & os.ST_RDONLY or disk.f_bavail * disk.f_frsize < 2**20:
        base.conf.persistdir = shutil.copytree(base.conf.persistdir, scratch + "/lib")
    base.conf.best = False
    base.conf.assumeyes = False
    base.init_plugins()
    base.pre_configure_plugins()
    base.read_all_repos()
    base.configure_plugins()
    wanted = [repo.id for repo in base.repos.iter_enabled()]
    # The lists are only read: neither wait for others nor write a lock where there may be no room.
    dnf.lock.build_metadata_lock = lambda *_, **__: contextlib.suppress()
    base.fill_sack(load_system_repo=True)
    there = {repo.id for repo in base.repos.iter_enabled()}
    lost = [repo for repo in wanted if repo not in there]
    if lost:
        raise SystemExit("no package lists of " + ", ".join(lost) + ": refresh them first")
    if barred:
        plain = [bare.partition(":")[0] for bare in barred]
        base.sack.add_excludes(base.sack.query().available().filter(name=plain))

def ask():
    specs = [each.replace(":", ".") for each in names]
    if mode == "undo":
        return undo(sys.argv[2])
    if mode == "mend":
        return mend(specs)
    if mode == "autoremove":
        base.autoremove()
    elif mode == "install":
        base.install_specs([re.sub("=", "-", spec, 1) for spec in specs])
    elif mode in ("remove", "purge"):
        for spec in specs:
            base.remove(spec)
    elif mode.startswith("closure") and specs:
        for spec in specs:
            try:
                base.upgrade(spec)
            except dnf.exceptions.MarkingError:
                pass
    else:
        base.upgrade_all()
    base.resolve(allow_erasing=full or mode in ("autoremove", "remove", "purge"))

# An update that takes the place of another package removes it, which needs no leave of the solver. Without ours such
# updates are left out, and it is asked again.
def ask_again(avoided):
    coming = {new.name for new in base.transaction.install_set}
    lost = [old for old in base.transaction.remove_set if old.name not in coming]
    if not lost or len(avoided) > 500:
        return
    takers = takers_of(lost)
    if not takers:
        raise SystemExit("would remove " + ", ".join(sorted(old.name for old in lost)))
    for old in lost:
        for taker in takers_of([old]):
            avoided[name(taker)] = taker, old
    base.sack.add_excludes(base.sack.query().available().filter(name=[each.name for each in takers]))
    base.reset(goal=True)
    ask()
    ask_again(avoided)

# Of what comes, what takes the place of one of these.
def takers_of(lost):
    takers = base.sack.query().available().filter(obsoletes=base.sack.query().installed().filter(pkg=lost))
    return takers.filter(pkg=list(base.transaction.install_set))

def answer():
    if base.transaction is None:
        return {}, set()
    old = {}
    for package in base.sack.query().installed():
        if name(package) not in old or package > old[name(package)]:
            old[name(package)] = package
    coming = set()
    for new in sorted(base.transaction.install_set):
        was = old.get(name(new))
        coming.add(name(new))
        if was is None or not was < new:
            say("P", name(new), "" if was is None else evr(was), evr(new), "no", "")
        else:
            say("P", name(new), evr(was), evr(new), *advised(was, new))
    for gone in sorted(base.transaction.remove_set):
        if name(gone) not in coming:
            say("R", name(gone), evr(gone))
            if mode == "full":
                for taker in takers_of([gone]):
                    if name(taker) not in old:
                        say("N", name(taker), name(gone), evr(gone))
    return old, coming

# What is newer but does not come: kept from dnf by an exclude or a versionlock, or by what it needs.
def left(old, coming, locked, avoided):
    seen = base.sack.query().upgrades().latest()
    can = {name(package) for package in seen}
    every = base.sack.query(flags=hawkey.IGNORE_REGULAR_EXCLUDES).upgrades().latest()
    for new in sorted(every):
        was = old.get(name(new))
        if was is None or name(new) in coming:
            continue
        if name(new) in avoided:
            say("K", name(new), evr(was), evr(new), advised(was, new)[0], "kept-back")
        elif name(new) in can:
            why = "something that it needs cannot be had"
            say("K", name(new), evr(was), evr(new), advised(was, new)[0], "kept-back", why)
        else:
            why = "versionlock" if new.name in locked else "excluded in the configuration of dnf"
            say("K", name(new), evr(was), evr(new), advised(was, new)[0], "hold", why)
    for new, was in avoided.values():
        if name(new) not in old:
            why = name(new) + " would take its place, which is not allowed"
            say("R", name(was), evr(was))
            say("K", name(was), evr(was), evr(new), "no", "kept-back", why)
    for each in sorted(locked):
        for was in base.sack.query().installed().filter(name__glob=each):
            say("H", name(was), evr(was))

def locks():
    found = set()
    for path in glob.glob("/etc/dnf/plugins/versionlock.list"):
        with open(path) as lines:
            for line in lines:
                pattern = line.split("#")[0].strip()
                if pattern and pattern[0] != "!":
                    found.update(nevra.name for nevra in dnf.subject.Subject(pattern).get_nevra_possibilities())
    return {each for each in found if base.sack.query().installed().filter(name__glob=each)}

# rpm forgets that a scriptlet failed, and shows a package as it should be; the history of dnf remembers.
def broken():
    limit = base.conf.installonlypkgs
    twice = base.sack.query().installed().duplicated().difference(
        base.sack.query().installed().filter(provides=limit))
    for package in sorted(twice.difference(twice.latest())):
        say("B", name(package), evr(package), "duplicate")
    settled = set()
    for past in base.history.old(limit=20):
        said = "\n".join(line for line in past.output() if "scriptlet failed" in line) if past.output() else ""
        for item in past.packages():
            key = str(item)
            if key in settled:
                continue
            settled.add(key)
            if "(" + key + ")" in said:
                for package in base.sack.query().installed():
                    if str(package) == key:
                        say("B", name(package), evr(package), "scriptlet-failed")

try:
    avoided = {}
    prepare()
    ask()
    if mode in ("upgrade", "closure", "install"):
        ask_again(avoided)
    old, coming = answer()
    for each in sorted(avoided):
        say("X", each)
    if mode in ("upgrade", "full"):
        left(old, coming, locks(), avoided)
        broken()
        if any(base.sack.query().filter(advisory_type=kind) for kind in ("security", "bugfix", "enhancement")):
            say("S")
except (dnf.exceptions.Error, SystemExit) as trouble:
    # Words of dnf: "Cache-only enabled but no cache for" and the repository in quotes.
    text = str(trouble)
    if "no cache for" in text:
        text = "no package lists of " + text.split()[-1].strip("\047") + ": refresh them first"
    say("!", text)
finally:
    shutil.rmtree(scratch, ignore_errors=True)
'
