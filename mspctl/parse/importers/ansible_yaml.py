"""Reads an Ansible inventory in YAML form, as ansible-core's `yaml` inventory plugin does."""

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place
from mspctl.parse.importers.ansible_tree import Tree
from mspctl.parse.importers.draft import Foreign
from mspctl.parse.importers.hostrange import expand_hosts
from mspctl.parse.importers.loose_yaml import read_loosely
from mspctl.parse.node import shown
from mspctl.parse.source import Source


def read_ansible_yaml(source: Source) -> Tree:
    """The groups and hosts of the file.

    Raises:
        ConfigurationError: it is no YAML, or no inventory.
    """
    document = read_loosely(source)
    if not isinstance(document, dict) or not document:
        raise ConfigurationError("this is no Ansible inventory: no groups", place=Place(source.file))
    if "plugin" in document:
        hint = "run `ansible-inventory --list --yaml` and import its output"
        raise ConfigurationError("this configures an inventory plugin", place=Place(source.file), hint=hint)
    tree = Tree()
    for name, block in document.items():
        _group(tree, name, block, source.file)
    return tree


def _group(tree: Tree, name: str, block: Foreign, file: str) -> None:
    group = tree.group(name)
    if block is None:
        return
    if not isinstance(block, dict):
        raise ConfigurationError(f"the group `{shown(name)}` is no map", place=Place(file))
    group.variables.update(_section(block, "vars", name, file))
    for child, inner in _section(block, "children", name, file).items():
        _group(tree, child, inner, file)
        tree.add_child(name, child)
    for pattern, variables in _section(block, "hosts", name, file).items():
        if variables is not None and not isinstance(variables, dict):
            raise ConfigurationError(f"the variables of `{shown(pattern)}` are no map", place=Place(file))
        names, port = expand_hosts(pattern)
        for host in names:
            tree.add_host(name, host, port, variables or {})


def _section(block: dict[str, Foreign], key: str, group: str, file: str) -> dict[str, Foreign]:
    section = block.get(key)
    if isinstance(section, str):
        return {section: None}
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise ConfigurationError(f"`{key}` of the group `{shown(group)}` is no map", place=Place(file))
    return section
