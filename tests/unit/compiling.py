"""A project in a folder and hosts in memory: what tests of compiling stand on."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mspctl.engine.compile import compile_plan
from mspctl.library.files import ProjectFiles
from mspctl.library.folders import FolderLibrary
from mspctl.library.places import places_of
from mspctl.model.bundle import Plan
from mspctl.model.inventory import Access, BecomeMethod, Client, Host, Site
from mspctl.model.selection import Selection
from mspctl.model.value import Value
from mspctl.render.jinja import JinjaRenderer
from mspctl.shipped import shipped_folder

SAY = (
    "title: Say\nparameters:\n  text: {type: text, required: true}\n  words: {type: list}\n"
    "  run: {type: shell}\n"
    "  loud: {type: bool, default: false}\n  password: {type: secret}\n"
)
SAY_SCRIPT = """check() {
    printf '%s\\n' {{ text }} {{ words }}
{% if run %}
    sh -c {{ run }}
{% endif %}
{% if password %}
    {{ password | secret }} | cat
{% endif %}
    needed say
}
apply() { :; }
"""


class Project:
    """A project folder with the module `say`; add more, then compile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.module("say", SAY, SAY_SCRIPT)

    def module(self, name: str, yml: str, script: str) -> None:
        folder = self.folder / "templates" / "modules" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "module.yml").write_text(yml)
        (folder / "posix.sh.j2").write_text(script)

    def playbook(self, text: str, name: str = "try") -> None:
        (self.folder / "playbooks").mkdir(exist_ok=True)
        (self.folder / "playbooks" / f"{name}.yml").write_text(f"name: {name}\n{text}")

    def step(self, params: str, extra: str = "") -> None:
        """A playbook with one step of `say`; `params` are lines of a YAML map."""
        lines = "".join(f"      {line}\n" for line in params.strip().splitlines())
        self.playbook(f"steps:\n  - name: Say\n    module: say\n{extra}    params:\n{lines}")

    def library(self) -> FolderLibrary:
        return FolderLibrary(places_of(self.folder, shipped_folder("templates"), shipped_folder("playbooks")))

    def compile(
        self,
        *hosts: Host,
        params: Mapping[str, Value] | None = None,
        tags: tuple[str, ...] = (),
        skip_tags: tuple[str, ...] = (),
        check_mode: bool = False,
    ) -> Plan:
        chosen = hosts or (host(),)
        client = Client("acme", "Acme Dental", "Europe/Berlin", (Site("hq", chosen),))
        library = self.library()
        return compile_plan(
            library.playbook("try"),
            Selection(chosen),
            [client],
            library,
            JinjaRenderer(ProjectFiles(self.folder).read),
            params=params or {},
            tags=tags,
            skip_tags=skip_tags,
            check_mode=check_mode,
        )

    def body(self, variables: Mapping[str, Value] | None = None) -> str:
        """The script of the first step for a host with these variables."""
        return self.compile(host(variables=variables or {})).bundles[0].steps[0].body


def host(name: str = "web1", *, variables: Mapping[str, Value] | None = None, os: str | None = None) -> Host:
    access = Access(address="192.0.2.1", user="ops", become=BecomeMethod.SUDO)
    return Host("acme", "hq", name, access, os=os, tags=frozenset({"web"}), variables=variables or {})


def without_root(name: str) -> Host:
    made = host(name)
    return replace(made, access=replace(made.access, become=BecomeMethod.NONE))
