"""The schema that editors use says the same as the reader."""

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from mspctl.parse.files import ClientFile, ProviderFile
from mspctl.parse.schema import SchemaKind, inventory_schema
from mspctl.parse.validate import validate
from mspctl.parse.yaml import parse_yaml_text
from tests.unit.parse.test_inventory import CLIENT, PROVIDER

HOST = "client: acme\nsites: {hq: {hosts: {web1: %s}}}\n"
GOOD = [
    CLIENT,
    HOST % "{}",
    HOST % "",
    HOST % "{address: 10.0.0.1, port: 22, tags: [a, b], agent: true}",
    HOST % "{password: 'env:X', identity: 'file:a/b', become: doas, become_password: 'systemd:x'}",
    HOST % "{timeouts: {connect: 5, step: 10m, run: 1.5h}}",
    HOST % "{vars: {a: 1, b: [x, {c: 1.5}], d: null}, notes: 'two words'}",
    HOST % "{gateway: null, legacy: [ssh-rsa, diffie-hellman-group1-sha1]}",
    "client: acme\nname: 123\nsites: {hq: {max_parallel: 3, hosts: {a.b: {shared: true}}}}\n",
    "client: acme\nwindows: {patch: ['Sun 02:00-05:00']}\nsites: {hq: {hosts: {a: {}}}}\n",
    HOST % "{patching: {scope: security, hold: [{package: a, reason: b, owner: c, until: '2026-12-31'}]}}",
    HOST
    % "{patching: {defer: {days: 7}, waves: [{name: a, percent: 12.5}], hooks: {drain: x}, reboot: null}}",
    HOST % "{windows: {patch: {rrule: FREQ=DAILY, start: '02:00', duration: 1h}, reboot: null}}",
    HOST % "{blackouts: [{from: '2026-12-20', to: '2026-12-24', reason: x}], after: [], runs_on: null}",
]
BAD = [
    "{}",
    "client: acme\n",
    HOST % "{adress: 10.0.0.1}",
    HOST % "{port: x}",
    HOST % "{port: 0}",
    HOST % "{port: 70000}",
    HOST % "{tags: a}",
    HOST % "{password: plain}",
    HOST % "{become: su}",
    HOST % "[]",
    HOST % "{patching: {scope: x}}",
    HOST % "{patching: {hold: [{package: a}]}}",
    HOST % "{patching: {defer: {days: -1}}}",
    HOST % "{windows: {patch: {rrule: FREQ=DAILY}}}",
    HOST % "{blackouts: [{from: '2026-12-20'}]}",
    "client: acme\nsites: {hq: {hosts: {}}}\n",
    "client: acme\nsites: {hq: {hosts: {WEB: {}}}}\n",
    "client: acme\nsites: {hq: {max_parallel: 0, hosts: {a: {}}}}\n",
    "client: acme\ngroups: {web: {defaults: {tags: [a]}}}\nsites: {hq: {hosts: {a: {}}}}\n",
]


def in_editor(kind: SchemaKind, text: str) -> list[str]:
    """What an editor would underline."""
    document: Any = yaml.safe_load(text)
    return [error.message for error in Draft202012Validator(inventory_schema(kind)).iter_errors(document)]


@pytest.mark.parametrize("kind", ["client", "provider"])
def test_the_schema_is_one(kind: SchemaKind) -> None:
    schema = inventory_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("text", GOOD)
def test_what_the_reader_takes_the_editor_takes(text: str) -> None:
    assert isinstance(validate(ClientFile, parse_yaml_text(text, "f.yml"), "f.yml"), ClientFile)
    assert in_editor("client", text) == []


@pytest.mark.parametrize("text", BAD)
def test_what_the_reader_refuses_the_editor_underlines(text: str) -> None:
    assert isinstance(validate(ClientFile, parse_yaml_text(text, "f.yml"), "f.yml"), tuple)
    assert in_editor("client", text)


def test_the_provider() -> None:
    assert isinstance(validate(ProviderFile, parse_yaml_text(PROVIDER, "f.yml"), "f.yml"), ProviderFile)
    assert in_editor("provider", PROVIDER) == []
    assert in_editor("provider", "name: x\nforks: 0\n")
