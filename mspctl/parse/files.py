"""The shape of the inventory files, `inventory/mspctl.yml` and `inventory/clients/<client>.yml`.

Each docstring and description below is also what the editor shows (see mspctl.parse.schema).
"""

from typing import Annotated

from pydantic import BeforeValidator, Field

from mspctl.parse.billingfiles import BuyerBlock, SellerBlock
from mspctl.parse.block import Block
from mspctl.parse.contractfiles import Contracts
from mspctl.parse.fields import (
    Address,
    Algorithm,
    Auth,
    Become,
    Boolean,
    Connection,
    Database,
    FilePath,
    Fingerprint,
    Free,
    Gateway,
    Line,
    Name,
    Parallel,
    Port,
    Reference,
    SchemeWord,
    Seconds,
    Text,
    Timezone,
    User,
    VariableName,
    Word,
)
from mspctl.parse.mailfiles import MailBlock, ReportBlock
from mspctl.parse.monitorfiles import MonitorBlock
from mspctl.parse.policyfiles import Policed
from mspctl.parse.schedulefiles import ScheduleBlock
from mspctl.parse.spans import Day
from mspctl.parse.ticketfiles import TicketsBlock

Variables = dict[VariableName, Free]


def _empty(node: object) -> object:
    return {} if node is None else node


class Timeouts(Block):
    """Time limits: seconds, or with a unit as 90s, 10m, 2h."""

    connect: Annotated[Seconds, Field(ge=0.1, le=600)] | None = Field(None, description="until TCP stands")
    banner: Annotated[Seconds, Field(ge=0.1, le=600)] | None = Field(
        None, description="until the SSH server speaks"
    )
    auth: Annotated[Seconds, Field(ge=0.1, le=600)] | None = Field(None, description="for the login")
    step: Annotated[Seconds, Field(ge=1, le=86_400)] | None = Field(None, description="for one step")
    run: Annotated[Seconds, Field(ge=1, le=604_800)] | None = Field(
        None, description="for everything on one host"
    )
    reboot: Annotated[Seconds, Field(ge=10, le=86_400)] | None = Field(
        None, description="until a host is back"
    )
    lock_wait: Annotated[Seconds, Field(ge=0, le=86_400)] | None = Field(
        None, description="for another mspctl on the same host to end"
    )
    keepalive: Annotated[Seconds, Field(ge=1, le=3600)] | None = Field(
        None, description="between signs of life"
    )


class Settings(Block):
    """How hosts are reached and what they are. Flows provider → client → site → group → host.

    Null takes a setting back to mspctl's own.
    """

    connection: Connection | None = Field(None, description="how a host is reached")
    port: Port | None = Field(None, description="22 for ssh, 5986 for winrm")
    user: User | None = Field(None, description="the login name")
    identity: Reference | None = Field(None, description="the private key")
    identity_passphrase: Reference | None = Field(None, description="what unlocks the private key")
    password: Reference | None = Field(None, description="the login's password")
    agent: Boolean | None = Field(None, description="use the keys of a running ssh-agent")
    become: Become | None = Field(None, description="how to get root")
    become_user: User | None = Field(None, description="whom to become, root by default")
    become_password: Reference | None = Field(None, description="the password that sudo or doas asks for")
    gateway: Gateway | None = Field(None, description="jump host: a host of this client, or user@host:port,…")
    ssh_config: FilePath | None = Field(None, description="an ssh_config file for this host")
    legacy: list[Algorithm] | None = Field(None, description="old SSH algorithms that this host needs")
    auth: Auth | None = Field(None, description="winrm: how to log in, ntlm by default")
    scheme: SchemeWord | None = Field(
        None, description="winrm: https by default; http only with sealed messages"
    )
    tls_fingerprint: Fingerprint | None = Field(
        None, description="winrm: SHA-256 of the one certificate that may be shown, in hex"
    )
    tls_ca: Reference | None = Field(None, description="winrm: the authority of the certificate, PEM")
    certificate: Reference | None = Field(
        None, description="winrm: the login's certificate, PEM; its key is `identity`"
    )
    timeouts: Timeouts | None = None
    os: Word | None = Field(
        None, description="debian, ubuntu, rocky, windows, …; decided on the host if not set"
    )
    criticality: Word | None = Field(None, description="server by default; workstation, …")
    shared: Boolean | None = Field(None, description="the same computer may belong to several clients")


class TaggedSettings(Settings):
    """Settings and tags. Groups have none: a tag puts a host into a group, not the other way round."""

    tags: list[Name] | None = Field(
        None, description="tags add up; a tag puts the host into the group of its name"
    )


class HostBlock(TaggedSettings, Policed):
    """One computer."""

    address: Address | None = Field(None, description="IP address or DNS name; the host's name if not set")
    since: Day | None = Field(
        None, alias="from", description="its first day, for fees; else by its first run"
    )
    after: list[Name] | None = Field(None, description="hosts of this client that are patched before it")
    never_together: Name | None = Field(
        None, description="of the hosts with the same word here only one at a time is at work"
    )
    runs_on: Name | None = Field(None, description="its hypervisor, which is patched after all of its guests")
    vars: Variables | None = None
    notes: Text | None = None


class GroupBlock(Policed):
    """What holds for all hosts with the tag of this name."""

    defaults: Settings | None = None
    vars: Variables | None = None
    notes: Text | None = None


class FormerBlock(Block):
    """A computer that has gone: it counts for the fees of the months in which it was there."""

    since: Day | None = Field(None, alias="from", description="its first day")
    until: Day = Field(description="the first day on which it was not there any more")
    tags: list[Name] | None = Field(None, description="for `hosts` of contracts")
    criticality: Word | None = Field(None, description="server by default; workstation, …")


NamedHost = Annotated[HostBlock, BeforeValidator(_empty, json_schema_input_type=HostBlock | None)]


class SiteBlock(Policed):
    """A place of the client with its hosts."""

    name: Line | None = None
    timezone: Timezone | None = Field(None, description="that of the client if not set")
    gateway: Gateway | None = Field(None, description="short for defaults: {gateway: …}")
    max_parallel: Parallel | None = Field(None, description="connections into this site at once")
    defaults: TaggedSettings | None = None
    vars: Variables | None = None
    notes: Text | None = None
    contacts: Free = None
    hosts: dict[Name, NamedHost] = Field(min_length=1)
    former: dict[Name, FormerBlock] | None = Field(
        None,
        description="hosts that have gone, or were otherwise before they moved, for past fees and contracts",
    )


class ClientFile(Policed):
    """`inventory/clients/<client>.yml`: one client with its sites and hosts."""

    client: Name = Field(description="the same as the file's name")
    name: Line | None = Field(None, description="as the client calls itself")
    timezone: Timezone | None = None
    contract: Contracts | None = Field(None, description="what was bought: one contract, or a list by `from`")
    contacts: Free = None
    notes: Text | None = None
    defaults: TaggedSettings | None = None
    vars: Variables | None = None
    groups: dict[Name, GroupBlock] | None = None
    schedules: dict[Name, ScheduleBlock | None] | None = Field(
        None, description="what is run when, by name; null takes one of the provider's away"
    )
    monitor: MonitorBlock | None = None
    report: ReportBlock | None = None
    billing: BuyerBlock | None = Field(None, description="the client as it stands on its invoices")
    sites: dict[Name, SiteBlock] = Field(min_length=1)


class ProviderFile(Policed):
    """`inventory/mspctl.yml`: the managed service provider, and what holds for all clients."""

    name: Line
    timezone: Timezone | None = None
    database: Database | None = Field(None, description="the run log, as postgresql+psycopg://user@host/name")
    forks: Parallel | None = Field(None, description="hosts at once")
    contacts: Free = None
    notes: Text | None = None
    defaults: TaggedSettings | None = None
    vars: Variables | None = None
    groups: dict[Name, GroupBlock] | None = None
    schedules: dict[Name, ScheduleBlock] | None = Field(None, description="what is run when, at every client")
    mail: MailBlock | None = None
    billing: SellerBlock | None = Field(None, description="the provider as it stands on its invoices")
    tickets: TicketsBlock | None = None
