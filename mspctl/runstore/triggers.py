"""What is said is said: triggers that refuse to change or delete what has become of a host.

A run's rows can be deleted only while its number is in `pruning`, which `prune` does within one transaction.
"""

from collections.abc import Mapping

_PRUNED = "EXISTS (SELECT 1 FROM pruning WHERE pruning.run = OLD.{key})"
_ENDED = (
    "EXISTS (SELECT 1 FROM host_run WHERE host_run.run = OLD.run"
    " AND host_run.position = OLD.position AND host_run.outcome IS NOT NULL)"
)

_FIRST = (
    ("host_run", "UPDATE", "OLD.outcome IS NOT NULL", "a terminal host never changes"),
    ("host_run", "DELETE", "NOT " + _PRUNED.format(key="run"), "hosts are deleted only by prune"),
    ("step_run", "UPDATE", _ENDED, "a step of a terminal host never changes"),
    (
        "step_run",
        "DELETE",
        f"{_ENDED} AND NOT {_PRUNED.format(key='run')}",
        "steps are deleted only by prune",
    ),
    ("report", "UPDATE", _ENDED, "a report of a terminal host never changes"),
    (
        "report",
        "DELETE",
        f"{_ENDED} AND NOT {_PRUNED.format(key='run')}",
        "reports are deleted only by prune",
    ),
    ("output", "UPDATE", _ENDED, "the output of a terminal host never changes"),
    ("output", "DELETE", f"{_ENDED} AND NOT {_PRUNED.format(key='run')}", "output is deleted only by prune"),
    (
        "run",
        "UPDATE",
        f"OLD.finished IS NOT NULL AND NOT {_PRUNED.format(key='seq')}",
        "a finished run never changes",
    ),
    ("run", "DELETE", "NOT " + _PRUNED.format(key="seq"), "runs are deleted only by prune"),
)

_LEDGER = (
    ("override", "UPDATE", "TRUE", "the reason of a run never changes"),
    ("override", "DELETE", "NOT " + _PRUNED.format(key="run"), "reasons are deleted only by prune"),
    ("patch_decision", "UPDATE", "TRUE", "a decision never changes: decide again"),
    ("patch_decision", "DELETE", "TRUE", "a decision is never deleted: release it"),
)
_DESK = (
    ("call_record", "UPDATE", "TRUE", "what was written down about a call never changes: edit the call"),
    ("call_record", "DELETE", "TRUE", "what was written down about a call is never deleted"),
    ("invoice", "UPDATE", "TRUE", "an invoice never changes: credit it"),
    ("invoice", "DELETE", "TRUE", "an invoice is never deleted: credit it"),
)
_INCIDENTS = (
    ("incident_record", "UPDATE", "TRUE", "what happened to an incident never changes"),
    ("incident_record", "DELETE", "TRUE", "what happened to an incident is never deleted"),
)
_HEALTH = (
    ("health_snapshot", "UPDATE", "TRUE", "the health of a month that is over never changes"),
    ("health_snapshot", "DELETE", "TRUE", "the health of a month is never deleted"),
)
_RULES: Mapping[str, tuple[tuple[str, str, str, str], ...]] = {
    "0001": _FIRST,
    "0002": _LEDGER,
    "0003": _DESK,
    "0004": (),
    "0005": _INCIDENTS,
    "0006": _HEALTH,
}
"""Schema revision → the triggers that came with it."""

NAMES = frozenset(
    f"{table}_{verb.lower()}_refused" for rules in _RULES.values() for table, verb, _, _ in rules
)
"""What the triggers are called."""

FIND: Mapping[str, str] = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'",
}
"""How to ask a database for the names of its triggers."""


def statements(dialect: str, *revisions: str) -> tuple[str, ...]:
    """The statements that make the triggers of these revisions, for `sqlite` or `postgresql`."""
    make = _sqlite if dialect == "sqlite" else _postgresql
    return tuple(
        statement for revision in revisions for rule in _RULES[revision] for statement in make(*rule)
    )


def _sqlite(table: str, verb: str, when: str, message: str) -> tuple[str, ...]:
    name = f"{table}_{verb.lower()}_refused"
    event = f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW WHEN {when}"
    return (f"{event} BEGIN SELECT RAISE(ABORT, '{message}'); END",)


def _postgresql(table: str, verb: str, when: str, message: str) -> tuple[str, ...]:
    # WHEN of a PostgreSQL trigger must not hold a subquery, so the condition stands inside the function.
    name = f"{table}_{verb.lower()}_refused"
    result = "OLD" if verb == "DELETE" else "NEW"
    body = f"BEGIN IF {when} THEN RAISE EXCEPTION '{message}'; END IF; RETURN {result}; END"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )
