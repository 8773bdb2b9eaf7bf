"""The way to a host: the gateways in order, then the host itself, each with its own access."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from mspctl.errors import ConfigurationError
from mspctl.model.inventory import Access, Host
from mspctl.transports.ssh.endpoint import Endpoint
from mspctl.transports.ssh.lean import give_invoke

FindHost = Callable[[str], Host | None]
_HOP = re.compile(
    r"(?:(?P<user>[^@\s]+)@)?(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\s@]+))(?::(?P<port>[0-9]{1,5}))?"
)
_SSH = 22
_LONGEST = 8


def route_to(host: Host, find: FindHost) -> tuple[Endpoint, ...]:
    """Every hop to `host`.

    A gateway named as another host of the client is reached with that host's own access, and through that
    host's own gateways. One written as `user@host:port` gets this host's key and agent, never its passwords.

    Raises:
        ConfigurationError: gateways go in a circle, or the ssh_config cannot be read.
    """
    return tuple(_hops(host, find, (host.name,)))


def _hops(host: Host, find: FindHost, seen: tuple[str, ...]) -> list[Endpoint]:
    endpoint, jump = _endpoint(host)
    hops: list[Endpoint] = []
    for spec in (part.strip() for part in (jump or "").split(",") if part.strip()):
        named = find(spec)
        if named is None:
            hops.append(_written(spec, endpoint))
            continue
        if named.name in seen or len(seen) > _LONGEST:
            raise ConfigurationError(
                f"gateways go in a circle: {' → '.join((*seen, named.name))}", place=host.place
            )
        hops += _hops(named, find, (*seen, named.name))
    return [*hops, endpoint]


def _endpoint(host: Host) -> tuple[Endpoint, str | None]:
    access = host.access
    endpoint = Endpoint(
        name=host.name,
        address=access.address or host.name,
        port=access.port,
        user=access.user,
        identity=access.identity,
        identity_passphrase=access.identity_passphrase,
        password=access.password,
        agent=access.agent,
        legacy_algorithms=access.legacy_algorithms,
        deadlines=access.deadlines,
    )
    if access.ssh_config is None:
        return endpoint, access.gateway
    return _with_ssh_config(endpoint, access)


def _with_ssh_config(endpoint: Endpoint, access: Access) -> tuple[Endpoint, str | None]:
    """Fill what the inventory leaves open from an ssh_config; what the inventory says stays."""
    options = _read_ssh_config(access.ssh_config or "", endpoint)
    identities = options.get("identityfile")
    wants_identity = not (access.identity or access.agent or access.password)
    endpoint = replace(
        endpoint,
        address=str(options.get("hostname", endpoint.address)),
        port=int(str(options.get("port", endpoint.port))),
        user=str(options.get("user", endpoint.user)),
        identity_file=str(identities[0])
        if isinstance(identities, list) and identities and wants_identity
        else None,
        proxy_command=str(options["proxycommand"])
        if options.get("proxycommand") and not access.gateway
        else None,
    )
    jump = options.get("proxyjump")
    return endpoint, access.gateway or (None if jump in {None, "none"} else str(jump))


def _read_ssh_config(path: str, endpoint: Endpoint) -> Mapping[str, object]:
    import fabric  # noqa: PLC0415 - only hosts with an ssh_config need it
    from paramiko import SSHConfig  # noqa: PLC0415

    give_invoke()
    try:
        loaded = fabric.Config(runtime_ssh_path=path).base_ssh_config
    except OSError as error:
        raise ConfigurationError(f"cannot read ssh_config {path}: {error.strerror}") from error
    # The first value wins, so what the inventory says comes first; %p and %r in a ProxyCommand follow it too.
    ours = [f"Port {endpoint.port}"] if endpoint.port != _SSH else []
    ours += [f"User {endpoint.user}"] if endpoint.user else []
    config = SSHConfig.from_text("".join(f"{line}\n" for line in ["Host *", *ours]))
    config._config.extend(loaded._config)  # type: ignore[attr-defined]  # noqa: SLF001 - fabric joins them so
    options: Mapping[str, object] = config.lookup(endpoint.address)
    return options


def _written(spec: str, target: Endpoint) -> Endpoint:
    match = _HOP.fullmatch(spec)
    if match is None:
        raise ConfigurationError(f"gateway {spec!r} is neither user@host:port nor a host of this client")
    address = match["six"] or match["host"]
    return replace(
        target,
        name=address,
        address=address,
        port=int(match["port"] or _SSH),
        user=match["user"] or target.user,
        password=None,
        proxy_command=None,
        legacy_algorithms=(),
    )
