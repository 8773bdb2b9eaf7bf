"""The commands of PowerShell itself that need no recording: pipelines, objects, paths, the registry."""

from collections.abc import Callable
from typing import Protocol

from tests.unit.powershell.engine.dotnet import new_object
from tests.unit.powershell.engine.host import RecordedHost
from tests.unit.powershell.engine.members import member
from tests.unit.powershell.engine.operators import equal
from tests.unit.powershell.engine.values import (
    Code,
    PsError,
    Thing,
    Val,
    collected,
    is_null,
    thing,
    to_number,
    to_text,
    truth,
)


class Runs(Protocol):
    """Whoever can run a script block on a value of the pipeline."""

    host: RecordedHost

    def each(self, code: Code, value: Val) -> list[Val]:
        """What the block gives, in the scope of the caller."""


Given = dict[str, Val]
Cmdlet = Callable[[Runs, list[Val], Given], list[Val]]


def _where(runs: Runs, values: list[Val], given: Given) -> list[Val]:
    return [value for value in values if truth(collected(runs.each(given["filterscript"], value)))]


def _each(runs: Runs, values: list[Val], given: Given) -> list[Val]:
    return [made for value in values for made in runs.each(given["process"], value)]


def _select(_runs: Runs, values: list[Val], given: Given) -> list[Val]:
    if "expandproperty" in given:
        return [member(value, to_text(given["expandproperty"])) for value in values]
    if "last" in given:
        return values[-int(given["last"]) :]
    return values[: int(given["first"])] if "first" in given else values


def _key(value: Val, name: Val) -> tuple[int, Val]:
    found = member(value, to_text(name)) if name else value
    if is_null(found):
        return (0, 0)
    return (1, found.lower() if isinstance(found, str) else found)


def _sort(_runs: Runs, values: list[Val], given: Given) -> list[Val]:
    name = given.get("property")
    made = sorted(values, key=lambda value: _key(value, name), reverse=truth(given.get("descending")))
    if not truth(given.get("unique")):
        return made
    return [value for at, value in enumerate(made) if at == 0 or not equal(made[at - 1], value, exact=False)]


def _group(_runs: Runs, values: list[Val], given: Given) -> list[Val]:
    groups: dict[str, list[Val]] = {}
    for value in values:
        groups.setdefault(to_text(member(value, to_text(given["property"]))), []).append(value)
    return [thing({"Name": name, "Count": len(found), "Group": found}) for name, found in groups.items()]


def _measure(_runs: Runs, values: list[Val], given: Given) -> list[Val]:
    # Of a property of nothing it says nothing.
    if not values:
        return []
    numbers = [to_number(member(value, to_text(given["property"]))) for value in values]
    return [thing({"Count": len(numbers), "Sum": sum(numbers), "Maximum": max(numbers, default=None)})]


def _new(runs: Runs, _values: list[Val], given: Given) -> list[Val]:
    if "comobject" in given:
        return [runs.host.answered(runs.host.com, to_text(given["comobject"]))]
    arguments = given.get("argumentlist")
    flat = arguments if isinstance(arguments, list) else [arguments]
    return [new_object(to_text(given["typename"]), flat, runs.host)]


def _join(_runs: Runs, _values: list[Val], given: Given) -> list[Val]:
    return [to_text(given["path"]).rstrip("\\") + "\\" + to_text(given["childpath"]).lstrip("\\")]


def _split(_runs: Runs, _values: list[Val], given: Given) -> list[Val]:
    head, _, tail = to_text(given["path"]).rpartition("\\")
    return [tail if truth(given.get("leaf")) else head]


def _registry(runs: Runs, path: Val) -> dict[str, Val] | None:
    wanted = to_text(path).lower().rstrip("\\")
    keys = runs.host.registry
    if wanted in keys:
        return keys[wanted]
    return {} if any(key.startswith(wanted + "\\") for key in keys) else None


def _there(runs: Runs, _values: list[Val], given: Given) -> list[Val]:
    path = given.get("literalpath", given.get("path"))
    if to_text(path).lower().startswith("hk"):
        return [_registry(runs, path) is not None]
    wanted = to_text(path).lower()
    return [any(name == wanted or name.startswith(wanted.rstrip("\\") + "\\") for name in runs.host.files)]


def _key_of(runs: Runs, given: Given) -> dict[str, Val] | None:
    found = _registry(runs, given["literalpath"])
    if found is None and to_text(given.get("erroraction")).lower() != "silentlycontinue":
        raise PsError(
            f"Cannot find path '{to_text(given['literalpath'])}' because it does not exist.", "PathNotFound"
        )
    return found


def _item(runs: Runs, _values: list[Val], given: Given) -> list[Val]:
    key = _key_of(runs, given)
    if key is None:
        return []
    folded = {name.lower(): value for name, value in key.items()}

    def value_of(name: Val, default: Val = None, *_how: Val) -> Val:
        value = folded.get(to_text(name).lower(), default)
        return value.get("value") if isinstance(value, Thing) else value

    def kind_of(name: Val) -> str:
        value = folded[to_text(name).lower()]
        if isinstance(value, Thing):
            return to_text(value.get("type"))
        return "MultiString" if isinstance(value, list) else "DWord" if isinstance(value, int) else "String"

    names = {"GetValueNames()": list(key), "GetValue()": value_of, "GetValueKind()": kind_of}
    subkeys = [
        k.rpartition("\\")[2]
        for k in runs.host.registry
        if k.rpartition("\\")[0] == to_text(given["literalpath"]).lower()
    ]
    return [thing({**names, "GetSubKeyNames()": subkeys}, "Microsoft.Win32.RegistryKey")]


def _properties(runs: Runs, _values: list[Val], given: Given) -> list[Val]:
    key = _key_of(runs, given)
    if key is None:
        return []
    return [thing({name: v.get("value") if isinstance(v, Thing) else v for name, v in key.items()})]


def _new_key(runs: Runs, _values: list[Val], given: Given) -> list[Val]:
    runs.host.registry.setdefault(to_text(given["path"]).lower(), {})
    return []


def _put_value(runs: Runs, _values: list[Val], given: Given) -> list[Val]:
    key = runs.host.registry[to_text(given["literalpath"]).lower()]
    name = next((old for old in key if old.lower() == to_text(given["name"]).lower()), to_text(given["name"]))
    key[name] = thing({"type": given["propertytype"], "value": given["value"]})
    return []


def _drop_value(runs: Runs, _values: list[Val], given: Given) -> list[Val]:
    key = runs.host.registry[to_text(given["literalpath"]).lower()]
    for name in [old for old in key if old.lower() == to_text(given["name"]).lower()]:
        del key[name]
    return []


def _sleep(runs: Runs, _values: list[Val], given: Given) -> list[Val]:
    runs.host.sleep(float(given.get("seconds", 0)) + float(given.get("milliseconds", 0)) / 1000)
    return []


def _text_of(_runs: Runs, values: list[Val], given: Given) -> list[Val]:
    return ["\n".join(map(to_text, [given["inputobject"]] if "inputobject" in given else values))]


CMDLETS: dict[str, Cmdlet] = {
    "where-object": _where,
    "foreach-object": _each,
    "select-object": _select,
    "sort-object": _sort,
    "group-object": _group,
    "measure-object": _measure,
    "new-object": _new,
    "join-path": _join,
    "split-path": _split,
    "test-path": _there,
    "get-item": _item,
    "get-itemproperty": _properties,
    "new-item": _new_key,
    "new-itemproperty": _put_value,
    "remove-itemproperty": _drop_value,
    "start-sleep": _sleep,
    "out-string": _text_of,
    "set-strictmode": lambda _runs, _values, _given: [],
    "write-output": lambda _runs, values, given: values or [given.get("inputobject")],
}
SWITCHES = frozenset(
    {"parent", "leaf", "force", "descending", "unique", "passthru", "wait", "connected", "online", "all"}
)
"""Parameters that take no value."""
