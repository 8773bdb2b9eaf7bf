"""Writes an example of a module as the YAML that people keep in its folder."""

from collections.abc import Mapping

import yaml


class _Dumper(yaml.SafeDumper):
    """Text of several lines stands as a block; no aliases, which our reader refuses."""

    def ignore_aliases(self, value: object) -> bool:
        del value
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    block = "\n" in value and not any(line.endswith((" ", "\t")) for line in value.split("\n"))
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if block else None)


_Dumper.add_representer(str, _text)


def example_text(example: Mapping[str, object]) -> str:
    """The text of the file."""
    made = yaml.dump(
        dict(example),
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=False,
        width=100,
        allow_unicode=True,
    )
    return str(made)
