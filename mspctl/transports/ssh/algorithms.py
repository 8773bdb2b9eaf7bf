"""Which algorithms are offered: the cheap and safe ones first, the weak ones only where a host names them.

CBC ciphers and SHA-1/MD5 MACs are refused. Without CBC the Terrapin attack (CVE-2023-48795) has no
combination left to work on in paramiko; a host that is allowed a CBC cipher gets no encrypt-then-MAC for it.
"""

from mspctl.model.failure import Failure
from mspctl.transports.reasons import unreachable
from mspctl.transports.ssh.wire import Wire

# AES-GCM needs no separate HMAC, which paramiko computes in Python: about half the cost per byte of CTR.
CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)


def offer(
    wire: Wire, host_key_types: tuple[str, ...], legacy: tuple[str, ...], *, only: bool = False
) -> Failure | None:
    """Set what `wire` offers; the types of the pinned keys come first, so that the pinned key is shown.

    Returns a Failure if `legacy` names an algorithm that paramiko does not have.
    """
    options = wire.get_security_options()
    known = wire.known_algorithms()
    unknown = [name for name in legacy if not any(name in names for names in known.values())]
    if unknown:
        return unreachable(
            "kex",
            f"legacy_algorithms names {', '.join(unknown)}, which this version no longer has",
            "update the SSH server of that host, or reach it through a gateway that still can",
        )
    old_ciphers = tuple(name for name in legacy if name in known["cipher"] and name not in CIPHERS)
    old_macs = tuple(name for name in legacy if name in known["mac"] and name not in MACS)
    macs = (
        MACS if not any("cbc" in name for name in old_ciphers) else tuple(m for m in MACS if "-etm" not in m)
    )
    options.ciphers = CIPHERS + old_ciphers
    options.digests = macs + old_macs
    options.kex = tuple(options.kex) + tuple(n for n in legacy if n in known["kex"] and n not in options.kex)
    pinned = tuple(name for name in host_key_types if name in known["key"])
    others = () if only else tuple(name for name in options.key_types if name not in pinned)
    options.key_types = pinned + others
    return None
