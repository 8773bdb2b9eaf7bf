"""Ansible's inventory in memory: groups in a graph, hosts in groups, variables at each, and what wins.

Order of precedence: Ansible's documentation, "Understanding variable precedence": variables of the inventory
file for `all`, then for the groups (by depth, priority, name), then group_vars/all, then group_vars of the
groups, then the file's host variables, then host_vars.
"""

from dataclasses import dataclass, field
from pathlib import Path

from mspctl.errors import ConfigurationError
from mspctl.parse.importers.ansible_names import take_over
from mspctl.parse.importers.draft import Draft, DraftBlock, DraftHost, Foreign
from mspctl.parse.importers.loose_yaml import read_loosely
from mspctl.parse.source import read_source

Variables = dict[str, Foreign]

ALL, UNGROUPED = "all", "ungrouped"
_EXTENSIONS = ("", ".yml", ".yaml", ".json")


@dataclass(slots=True)
class Group:
    """A group as the inventory file has it."""

    name: str
    variables: Variables = field(default_factory=dict)
    children: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)


class Tree:
    """Groups and hosts while a file is read."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {ALL: Group(ALL), UNGROUPED: Group(UNGROUPED)}
        self.hosts: dict[str, Variables] = {}

    def group(self, name: str) -> Group:
        """The group, made if it is new."""
        return self.groups.setdefault(name, Group(name))

    def add_host(self, group: str, name: str, port: int | None, variables: Variables) -> None:
        """Put a host into a group, add to its variables. As in Ansible only its first line gives its port."""
        known = self.hosts.setdefault(name, {} if port is None else {"ansible_port": port})
        known.update(variables)
        hosts = self.group(group).hosts
        if name not in hosts:
            hosts.append(name)

    def add_child(self, parent: str, child: str) -> None:
        """Make one group a part of another."""
        self.group(child)
        if child not in self.group(parent).children and child != ALL:
            self.group(parent).children.append(child)

    def depths(self) -> dict[str, int]:
        """The longest way from `all` to each group.

        Raises:
            ConfigurationError: a group is a part of itself.
        """
        parents: dict[str, list[str]] = {name: [] for name in self.groups}
        for group in self.groups.values():
            for child in group.children:
                parents[child].append(group.name)
        depths: dict[str, int] = {ALL: 0}
        waiting = [name for name in self.groups if name != ALL]
        while waiting:
            ready = [name for name in waiting if all(parent in depths for parent in parents[name])]
            if not ready:
                raise ConfigurationError(f"the group `{waiting[0]}` is a part of itself")
            depths |= {
                name: 1 + max((depths[parent] for parent in parents[name]), default=0) for name in ready
            }
            waiting = [name for name in waiting if name not in depths]
        return depths

    def members(self) -> dict[str, set[str]]:
        """Host → the groups it is in, their parents too, without `all`."""
        parents: dict[str, set[str]] = {name: set() for name in self.groups}
        for name in sorted(self.depths(), key=self.depths().__getitem__):
            for child in self.groups[name].children:
                parents[child] |= {name, *parents[name]}
        found: dict[str, set[str]] = {host: set() for host in self.hosts}
        for group in self.groups.values():
            for host in group.hosts:
                found[host] |= {group.name, *parents[group.name]}
        return {host: (groups - {ALL, UNGROUPED}) or {UNGROUPED} for host, groups in found.items()}


class TreeImport:
    """Makes a draft out of a tree and the group_vars and host_vars beside its file."""

    def __init__(self, tree: Tree, file: Path, draft: Draft, site: str) -> None:
        self._tree = tree
        self._folder = file.parent
        self._draft = draft
        self._site = site
        self._files: dict[str, Variables] = {}
        self._inline: dict[str, Variables] = {}

    def fill(self) -> None:
        """Fill the draft: `all` becomes the client, groups stay groups, in the order in which they win."""
        draft, tree = self._draft, self._tree
        for name, group in tree.groups.items():
            self._inline[name] = draft.withhold(group.variables, name)
            self._files[name] = self._read("group_vars", name)
        depths = tree.depths()
        order = sorted(tree.groups, key=lambda name: (depths[name], self._priority(name), name))
        members = tree.members()
        draft.base = self._block(ALL)
        groups = {name: self._block(name) for name in order if name != ALL}
        draft.groups = {
            draft.name("group", name): block
            for name, block in groups.items()
            if block.settings or block.variables
        }
        for name in tree.hosts:
            mine = [group for group in order if group in members[name]]
            self._host(name, mine, groups)

    def _priority(self, name: str) -> int:
        value = (self._inline[name] | self._files[name]).get("ansible_group_priority", 1)
        try:
            return int(value)
        except (TypeError, ValueError):
            return 1

    def _block(self, name: str) -> DraftBlock:
        block = take_over(self._draft, self._inline[name] | self._files[name])
        block.settings.pop("address", None)
        return block

    def _host(self, name: str, groups: list[str], blocks: dict[str, DraftBlock]) -> None:
        draft, tree = self._draft, self._tree
        own = draft.withhold(tree.hosts[name], name) | self._read("host_vars", name)
        effective: Variables = dict(self._inline[ALL])
        for layer in (
            *(self._inline[group] for group in groups),
            self._files[ALL],
            *(self._files[group] for group in groups),
            own,
        ):
            effective |= layer
        wanted, mine = take_over(draft, effective), take_over(draft, own)
        below = DraftBlock(dict(draft.base.settings), dict(draft.base.variables))
        for group in groups:
            below.settings |= blocks[group].settings
            below.variables |= blocks[group].variables
        below.settings |= mine.settings
        below.variables |= mine.variables
        host = DraftHost(name=draft.name("host", name), site=self._site)
        host.settings = {**mine.settings, **_differing(wanted.settings, below.settings)}
        host.variables = {**mine.variables, **_differing(wanted.variables, below.variables)}
        if host.name != name:
            host.settings.setdefault("address", name)
        tagged = [group for group in groups if group != UNGROUPED or blocks[group].variables]
        host.tags = [draft.name("group", group) for group in tagged]
        draft.hosts.append(host)

    def _read(self, folder: str, name: str) -> Variables:
        """What group_vars or host_vars say of one name: a file, or all files of a folder, in order."""
        if "/" in name or name in {".", ".."}:
            return {}
        stem = self._folder / folder / name
        path = next((found for end in _EXTENSIONS if (found := Path(f"{stem}{end}")).exists()), None)
        variables: Variables = {}
        for file in () if path is None else _files(path) if path.is_dir() else (path,):
            variables |= self._variables(file)
        return self._draft.withhold(variables, name)

    def _variables(self, file: Path) -> Variables:
        source = read_source(file)
        if source.text.startswith("$ANSIBLE_VAULT"):
            self._draft.note(f"{file.parent.name}/{file.name} is encrypted by ansible-vault and was not read")
            return {}
        document = read_loosely(source)
        if document is None:
            return {}
        if not isinstance(document, dict):
            raise ConfigurationError(f"{file.parent.name}/{file.name} holds no map of variables")
        return document


def _differing(wanted: Variables, below: Variables) -> Variables:
    """What the layers below the host would get wrong: Ansible's order is not quite ours."""
    return {
        name: value for name, value in wanted.items() if name not in below or not _same(below[name], value)
    }


def _same(one: Foreign, other: Foreign) -> bool:
    return type(one) is type(other) and bool(one == other)


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.endswith("~"):
            continue
        if path.is_dir() and not path.suffix:
            found += _files(path)
        elif path.is_file() and path.suffix in _EXTENSIONS:
            found.append(path)
    return found
