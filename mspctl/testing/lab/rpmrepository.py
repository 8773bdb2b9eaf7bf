"""The lab's rpm repository: real .rpms, signed, with advisories; dnf and zypper hosts reach it as file:///srv/…."""

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from xml.sax.saxutils import escape

from mspctl.testing.lab.cache import Cache
from mspctl.testing.lab.command import ENDS_WITH_US, run
from mspctl.testing.lab.gpg import gpg, make_key
from mspctl.testing.lab.rpms import RPMS, Rpm, Signer
from mspctl.testing.lab.store import Store

_USERS: Mapping[Signer, str] = {"lab": "Lab RPM <rpm@invalid>", "stranger": "Stranger <stranger@invalid>"}
_ADVISORIES = "advisories"
_BUILD = (
    *("--define", "_build_id_links none", "--define", "debug_package %{nil}"),
    *("--define", "__os_install_post %{nil}", "--define", "_binary_payload w1.gzdio"),
)


def rpm_repository(cache: Cache) -> Store:
    """The repository of all lab rpms, old and new; built if it is not in the cache."""
    text = repr([asdict(rpm) for rpm in RPMS]) + Path(__file__).read_text("utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]

    def make(place: Path) -> None:
        keys = make_key(place, _USERS["lab"], algorithm="rsa2048")
        gpg(
            keys, ["--passphrase", "", "--quick-generate-key", _USERS["stranger"], "rsa2048", "sign", "never"]
        )
        add_rpms(Store(place / "repo", keys, digest), RPMS)

    place = cache.obtain("repositories", f"rpm-{digest}", make)
    return Store(place / "repo", place / "gpg", digest)


def add_rpms(target: Store, rpms: Iterable[Rpm]) -> None:
    """Build and sign `rpms`, then list all that are there anew."""
    target.folder.mkdir(exist_ok=True)
    fresh = tuple(rpms)
    _build(target, fresh)
    for signer in sorted({rpm.signer for rpm in fresh}):
        _sign(target, signer, [_file(rpm) for rpm in fresh if rpm.signer == signer])
    advisories = target.folder / _ADVISORIES
    advisories.mkdir(exist_ok=True)
    for rpm in fresh:
        if rpm.advisory is not None:
            (advisories / f"{rpm.name}-{rpm.version}.{rpm.arch}.xml").write_text(
                _advisory(rpm), encoding="utf-8"
            )
    _index(target)


def _build(target: Store, rpms: Iterable[Rpm]) -> None:
    top = target.folder / "build"
    top.mkdir()
    specs: dict[str, list[Path]] = {}
    for rpm in rpms:
        spec = top / f"{rpm.name}-{rpm.version}.{rpm.arch}.spec"
        spec.write_text(_spec(rpm), encoding="utf-8")
        specs.setdefault(rpm.arch, []).append(spec)
    for arch, files in specs.items():
        options = ["-bb", "--quiet", "--target", arch, "--define", f"_topdir {top}", *_BUILD]
        run(["rpmbuild", *options, *files], timeout=300)
    for built in (top / "RPMS").rglob("*.rpm"):
        built.replace(target.folder / built.name)
    shutil.rmtree(top)


def _file(rpm: Rpm) -> str:
    return f"{rpm.name}-{rpm.version}-1.{rpm.arch}.rpm"


def _spec(rpm: Rpm) -> str:
    head = [
        ("Name", rpm.name),
        ("Version", rpm.version),
        ("Release", "1"),
        ("Summary", f"{rpm.name} of the lab"),
    ]
    head += [("License", "none"), ("AutoReqProv", "no"), *rpm.tags]
    text = "".join(f"{name}: {value}\n" for name, value in head) + "%description\nOf the lab.\n%install\n"
    for path, content in rpm.files.items():
        mode = "755" if Path(path).parent.name == "init.d" else "644"
        text += f"mkdir -p %{{buildroot}}{Path(path).parent}\ncat > %{{buildroot}}{path} << 'LAB_END'\n"
        text += content.replace("%", "%%") + f"LAB_END\nchmod {mode} %{{buildroot}}{path}\n"
    for name, scriptlet in (("pre", rpm.pre), ("post", rpm.post)):
        if scriptlet:
            text += f"%{name}\n" + scriptlet.replace("%", "%%")
    marks = dict.fromkeys(rpm.configs, "%config(noreplace) ")
    return text + "%files\n" + "".join(f"{marks.get(path, '')}{path}\n" for path in rpm.files)


def _sign(target: Store, signer: Signer, files: list[str]) -> None:
    """The key's home is bound to /mnt, as `gpg` has it."""
    program = 'mount --bind "$1" /mnt && cd "$2" && shift 2 && exec rpmsign --addsign "$@"'
    options = ["--define", "_gpg_path /mnt", "--define", f"_gpg_name {_USERS[signer]}"]
    options += [
        "--define",
        f"__gpg {shutil.which('gpg')}",
        "--define",
        "_gpg_sign_cmd_extra_args --batch --pinentry-mode loopback",
    ]
    argv = [*ENDS_WITH_US, "sh", "-c", program, "sh", str(target.keys), str(target.folder), *options, *files]
    run(argv, timeout=120)


def _index(target: Store) -> None:
    """Build the lists beside the old ones: a host may read while they are exchanged."""
    fresh = target.folder / "fresh"
    fresh.mkdir()
    run(["createrepo_c", "--quiet", "--no-database", "--outputdir", fresh, target.folder], timeout=120)
    texts = [file.read_text("utf-8") for file in sorted((target.folder / _ADVISORIES).glob("*.xml"))]
    information = fresh / "updateinfo.xml"
    body = "".join(texts)
    information.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n{body}</updates>\n', encoding="utf-8"
    )
    repodata = fresh / "repodata"
    run(["modifyrepo_c", information, repodata])
    signature = gpg(
        target.keys,
        ["--local-user", _USERS["lab"], "--armor", "--detach-sign"],
        reading=repodata / "repomd.xml",
    )
    (repodata / "repomd.xml.asc").write_text(signature, encoding="ascii")
    shutil.copy(target.public_key, repodata / "repomd.xml.key")
    old = target.folder / "repodata"
    if old.exists():
        old.rename(target.folder / "old")
    repodata.rename(old)
    shutil.rmtree(fresh)
    shutil.rmtree(target.folder / "old", ignore_errors=True)


def _advisory(rpm: Rpm) -> str:
    """One `update` of updateinfo.xml."""
    advisory = rpm.advisory
    assert advisory is not None
    cves = "".join(f'<reference href="" id="{name}" title="{name}" type="cve"/>' for name in advisory.cves)
    reboot = "<reboot_suggested>True</reboot_suggested>" if advisory.reboot else ""
    return f"""<update from="lab@invalid" status="stable" type="{advisory.kind}" version="1">
<id>{escape(advisory.name)}</id><title>{escape(rpm.name)} update</title><severity>Important</severity>
<issued date="2026-11-01 00:00:00"/><updated date="2026-11-01 00:00:00"/>
<description>Of the lab.</description><references>{cves}</references>
<pkglist><collection short="lab"><name>lab</name>
<package name="{rpm.name}" version="{rpm.version}" release="1" epoch="0" arch="{rpm.arch}" src="">
<filename>{_file(rpm)}</filename>{reboot}</package>
</collection></pkglist></update>
"""
