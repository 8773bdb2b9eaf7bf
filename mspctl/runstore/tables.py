"""The tables of the run log, the same in SQLite and PostgreSQL.

Times are text, `2026-11-23T23:26:00.123456Z`: UTC, fixed width, so that text order is time order and a value
read back equals the one written in both databases. Hosts are known by their place in the plan (`position`),
steps by their index; index -1 gathers what belongs to no step.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

run = Table(
    "run",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("client", Text, nullable=False),
    Column("playbook", Text, nullable=False),
    Column("check_mode", Boolean, nullable=False),
    Column("digest", Text, nullable=False),
    Column("inventory_digest", Text, nullable=False),
    Column("started", Text, nullable=False),
    Column("finished", Text),
    Column("version", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("resumes", Text, nullable=False),
    Column("planned", Integer, nullable=False),
    Column("chain_head", Text),
    Column("outputs_pruned", Boolean, nullable=False),
    Index(None, "client", "started"),
    Index(None, "started"),
)

outline = Table(
    "outline",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("steps", Text, nullable=False),
)

host_run = Table(
    "host_run",
    metadata,
    Column("run", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("bundle_digest", Text, nullable=False),
    Column("outline", Text, nullable=False),
    Column("outcome", Text),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("started", Text),
    Column("finished", Text),
    Column("seconds", Double, nullable=False),
    Column("round_trips", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("nonce", Text),
    Column("spool", Text),
    Column("boot_id", Text),
    Column("first_step", Integer),
    Column("ended_as", Integer),
    Column("chain", Text),
    PrimaryKeyConstraint("run", "position"),
    UniqueConstraint("run", "host"),
    ForeignKeyConstraint(["run"], ["run.seq"]),
    ForeignKeyConstraint(["outline"], ["outline.digest"]),
    Index(None, "host", "run"),
    sqlite_with_rowid=False,
)

step_run = Table(
    "step_run",
    metadata,
    Column("run", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("status", Text),
    Column("reason", Text, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("forecast", Text),
    Column("unkept", Integer, nullable=False),
    Column("output_bytes", BigInteger, nullable=False),
    Column("output_digest", Text, nullable=False),
    Column("digest", Text, nullable=False),
    PrimaryKeyConstraint("run", "position", "step"),
    ForeignKeyConstraint(["run", "position"], ["host_run.run", "host_run.position"]),
    sqlite_with_rowid=False,
)

report = Table(
    "report",
    metadata,
    Column("run", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("fields", Text, nullable=False),
    PrimaryKeyConstraint("run", "position", "step", "number"),
    ForeignKeyConstraint(["run", "position", "step"], ["step_run.run", "step_run.position", "step_run.step"]),
    sqlite_with_rowid=False,
)

output = Table(
    "output",
    metadata,
    Column("run", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("tail", LargeBinary, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    PrimaryKeyConstraint("run", "position", "step"),
    ForeignKeyConstraint(["run", "position", "step"], ["step_run.run", "step_run.position", "step_run.step"]),
)

pruning = Table(
    "pruning",
    metadata,
    Column("run", Integer, primary_key=True, autoincrement=False),
)
"""Opens the triggers for a run while it is pruned; always empty outside that one transaction."""

override = Table(
    "override",
    metadata,
    Column("run", Integer, nullable=False, autoincrement=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("run"),
    ForeignKeyConstraint(["run"], ["run.seq"]),
)
"""Why a run did not obey the windows."""

patch_seen = Table(
    "patch_seen",
    metadata,
    Column("client", Text, nullable=False),
    Column("package", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("security", Boolean, nullable=False),
    Column("first_seen", Text, nullable=False),
    Column("last_seen", Text, nullable=False),
    PrimaryKeyConstraint("client", "package", "version"),
    sqlite_with_rowid=False,
)
"""Since when a client's hosts report an update. It outlives the runs."""

patch_pending = Table(
    "patch_pending",
    metadata,
    Column("client", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("package", Text, nullable=False),
    Column("old_version", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("security", Boolean, nullable=False),
    Column("held", Text, nullable=False),
    PrimaryKeyConstraint("client", "host", "package"),
    sqlite_with_rowid=False,
)
"""What the last scan of each host that had an answer found."""

patch_failure = Table(
    "patch_failure",
    metadata,
    Column("client", Text, nullable=False),
    Column("package", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("failed", Text, nullable=False),
    PrimaryKeyConstraint("client", "package", "version"),
    sqlite_with_rowid=False,
)
"""Where a version could not be installed, when last. It outlives the runs."""

patch_decision = Table(
    "patch_decision",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("verdict", Text, nullable=False),
    Column("package", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("decided", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Who approved, rejected or released what; client is empty for all clients."""

call_record = Table(
    "call_record",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("call", Integer, nullable=False),
    Column("client", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("written", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Index(None, "client", "seq"),
)
"""What was written down about calls; it outlives the runs."""

invoice = Table(
    "invoice",
    metadata,
    Column("series", Text, nullable=False),
    Column("number", Integer, nullable=False, autoincrement=False),
    Column("client", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("approved", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("credits", Text, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("series", "number"),
    Index(None, "client", "month"),
)
"""Approved invoices and credit notes, as they were approved; numbers have no gaps within a series."""

firing = Table(
    "firing",
    metadata,
    Column("client", Text, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("due", Text, nullable=False),
    Column("began", Text, nullable=False),
    Column("ended", Text),
    Column("word", Text, nullable=False),
    Column("code", Integer),
    PrimaryKeyConstraint("client", "schedule", "due"),
    sqlite_with_rowid=False,
)
"""Each time at which a schedule was started; the key is what keeps it from being started twice."""

installed = Table(
    "installed",
    metadata,
    Column("client", Text, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("client", "schedule"),
    sqlite_with_rowid=False,
)
"""Since when this machine is told to keep a schedule."""

incident_record = Table(
    "incident_record",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("number", Integer, nullable=False),
    Column("client", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Index(None, "client", "seq"),
)
"""What happened to incidents; it outlives the runs."""

standing = Table(
    "standing",
    metadata,
    Column("client", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("history", Text, nullable=False),
    Column("detail", Text, nullable=False),
    PrimaryKeyConstraint("client", "key"),
    sqlite_with_rowid=False,
)
"""How each probe stands after its last sample."""

seen_span = Table(
    "seen_span",
    metadata,
    Column("client", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("begins", Text, nullable=False),
    Column("ends", Text, nullable=False),
    Column("seen", Text, nullable=False),
    PrimaryKeyConstraint("client", "key", "begins"),
    sqlite_with_rowid=False,
)
"""Stretches of time in which a probe was seen alike: what uptimes are computed from."""

volume_day = Table(
    "volume_day",
    metadata,
    Column("client", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("mount", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    PrimaryKeyConstraint("client", "host", "mount", "day"),
    sqlite_with_rowid=False,
)
"""The most that was used of a file system on each day."""

digest_sent = Table(
    "digest_sent",
    metadata,
    Column("client", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("seq", Integer, nullable=False),
)
"""When a client's last digest went out, and the last record that was in it."""
health_snapshot = Table(
    "health_snapshot",
    metadata,
    Column("client", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("version", Integer, nullable=False, autoincrement=False),
    Column("made", Text, nullable=False),
    Column("figures", Text, nullable=False),
    PrimaryKeyConstraint("client", "month", "version"),
    sqlite_with_rowid=False,
)
"""What the health of a client came to at the end of a month. It outlives the runs."""
