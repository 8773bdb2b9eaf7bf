"""The page about the inventory, from the models that read it."""

from collections.abc import Mapping
from typing import Any

from mspctl.docsgen.page import Page, block, code, page, prose, table
from mspctl.parse.files import ClientFile, ProviderFile
from mspctl.parse.layers import Level
from mspctl.parse.policyfiles import Policed

Schema = Mapping[str, Any]
"""A JSON Schema, or a part of one: as open as that standard."""

INTRODUCTION = """
The inventory is the folder `inventory/`: one file for the provider, `mspctl.yml`, and one per client,
`clients/<client>.yml`. `mspctl inventory schema` writes the same as a JSON Schema, for
[editors](../howto/editor.md).
"""

EXAMPLE = """
client: acme
name: Acme Dental GmbH
timezone: Europe/Berlin
contract: {plan: managed}
defaults: {connection: ssh, user: ops, identity: "file:keys/acme", become: sudo}
windows: {patch: "Sun 02:00-05:00"}
patching: {exclude: [linux-*], defer: {days: 7}, approval: feature}
groups:
  web:
    vars: {service: nginx}
sites:
  hq:
    max_parallel: 4
    hosts:
      web1: {address: 10.0.0.11, os: debian, tags: [web]}
      db1: {address: 10.0.0.12, os: debian, timeouts: {step: 20m}}
"""

RULES = """
What is said further right wins. Tags add up, and so do `blackouts` and the lists `include`, `exclude` and
`hold` of `patching`, and the lists of `security`; the keys of `timeouts`, `patching` and `windows` merge one
by one. `null` takes a setting back to mspctl's own. `mspctl inventory explain` shows, for a host, where each
setting came from.
"""

FILES = """
YAML is read strictly: text stays text (`NO`, `22:22` and `0644` are not turned into something else). A key
that is there twice is refused, and so are anchors, aliases, YAML's own tags, a second document, tabs, and
characters that cannot be seen.
"""

BLOCKS: Mapping[str, str] = {
    "SiteBlock": "A site",
    "HostBlock": "A host",
    "FormerBlock": "A former host",
    "Settings": "Settings",
    "Timeouts": "Timeouts",
    "GroupBlock": "A group",
    "PatchingBlock": "Patching",
    "HoldBlock": "A hold",
    "DeferBlock": "Deferral",
    "ProbeBlock": "A probe",
    "WaveBlock": "A wave",
    "HooksBlock": "Hooks",
    "BackupBlock": "Backup",
    "KeepBlock": "What is kept",
    "GoalsBlock": "Goals",
    "ForeignBlock": "A foreign backup",
    "SecurityBlock": "Security",
    "WaiverBlock": "A waiver",
    "MailBlock": "Mail",
    "ReportBlock": "Report",
    "ContractBlock": "A contract",
    "CoveredBlock": "Covered hosts",
    "LabourBlock": "Labour",
    "SurchargesBlock": "Surcharges",
    "TravelBlock": "Travel",
    "HoursBlock": "Business hours",
    "BlockBlock": "A block of hours",
    "RetainerBlock": "A retainer",
    "ManagedBlock": "A monthly fee",
    "TierBlock": "A price tier",
    "IncludedBlock": "Included hours",
    "TargetBlock": "A service level",
    "ThirdPartyBlock": "A third party",
    "SellerBlock": "The sender of invoices",
    "BuyerBlock": "The receiver of invoices",
    "TaxBlock": "Tax",
    "TicketsBlock": "A ticket system",
    "ScheduleBlock": "A schedule",
    "MonitorBlock": "Monitoring",
    "WatchBlock": "A watched thing",
    "HealBlock": "Healing",
    "NoticeBlock": "Who is told",
}


def inventory_page() -> Page:
    """Each key of each block, and how settings flow."""
    client, provider = ClientFile.model_json_schema(), ProviderFile.model_json_schema()
    definitions = {**provider["$defs"], **client["$defs"]}
    common = set(definitions["Settings"]["properties"])
    return page(
        "reference/inventory.md",
        "Inventory",
        prose(INTRODUCTION),
        block("yaml", EXAMPLE.strip()),
        "## How settings flow",
        " → ".join(map(str, Level)),
        prose(RULES),
        "## A client's file",
        _keys(client),
        *(
            part
            for name, title in BLOCKS.items()
            for part in _section(title, definitions[name], common if name == "HostBlock" else set())
        ),
        "## The provider's file",
        _keys(provider),
        "## YAML",
        prose(FILES),
    )


def _section(title: str, schema: Schema, hidden: set[str]) -> tuple[str, ...]:
    about = " ".join(str(schema.get("description", "")).split())
    more = "All [settings](#settings) may stand here too." if hidden else ""
    return f"## {title}", about, _keys(schema, hidden), more


def _keys(schema: Schema, hidden: frozenset[str] | set[str] = frozenset()) -> str:
    required = schema.get("required", ())
    rows = [
        (code(name), _type(each), each.get("description", "") + (" (required)" if name in required else ""))
        for name, each in sorted(
            schema["properties"].items(), key=lambda item: item[0] in Policed.model_fields
        )
        if name not in hidden
    ]
    return table(["Key", "Value", "Meaning"], rows)


def _type(schema: Schema) -> str:
    """What a value looks like, in words."""
    match schema:
        case {"anyOf": choices} if schema.get("title") not in _EXPLAINED:
            return _one_of([choice for choice in choices if choice.get("type") != "null"])
        case {"$ref": reference}:
            return _reference(reference.rpartition("/")[2])
        case {"enum": words}:
            return ", ".join(map(code, words))
        case {"type": "array", "items": items}:
            return f"list of {_type(items)}s"
        case {"patternProperties": patterns}:
            return f"map of names to {_type(next(iter(patterns.values())))}"
    return _scalar(schema)


def _one_of(choices: list[Schema]) -> str:
    if [choice.get("type") for choice in choices] == ["number", "string"]:
        return "length of time"
    return " or ".join(dict.fromkeys(map(_type, choices)))


def _reference(name: str) -> str:
    title = BLOCKS.get(name, "").lower()
    return f"[{title}](#{title.replace(' ', '-')})" if title else "a map"


_EXPLAINED = frozenset({"window", "blackout"})
"""What a how-to shows, because a schema says too little of it."""


def _scalar(schema: Schema) -> str:
    if schema.get("title") in _EXPLAINED:
        return f"[{schema['title']}](../howto/patch-policy.md)"
    if str(schema.get("description", "")).startswith("where a secret is"):
        return "reference to a secret"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true`, `false`"}
    word = words.get(str(schema.get("type", "")), "anything")
    low, high = (schema.get(one, schema.get(two)) for one, two in (("minimum", "ge"), ("maximum", "le")))
    return f"{word} from {low} to {high}" if low is not None and high is not None else word
