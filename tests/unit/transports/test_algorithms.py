"""What is offered to a host before anything is known of it."""

import socket
from collections.abc import Iterator

import pytest

from mspctl.model.failure import Failure
from mspctl.transports.ssh.algorithms import offer
from mspctl.transports.ssh.wire import Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    ours, theirs = socket.socketpair()
    yield Wire(ours, 15)
    ours.close()
    theirs.close()


def test_nothing_weak_is_offered(wire: Wire) -> None:
    assert offer(wire, (), ()) is None
    options = wire.get_security_options()
    everything = [*options.ciphers, *options.digests, *options.kex, *options.key_types]
    assert not [name for name in everything if "cbc" in name or "sha1" in name or "md5" in name]
    assert options.ciphers[0] == "aes128-gcm@openssh.com"
    assert options.compression == ("none",)


def test_a_cbc_cipher_comes_without_encrypt_then_mac(wire: Wire) -> None:
    assert offer(wire, (), ("aes256-cbc",)) is None
    options = wire.get_security_options()
    assert options.ciphers[-1] == "aes256-cbc"
    assert not [name for name in options.digests if "etm" in name], "Terrapin, CVE-2023-48795"


def test_an_old_mac_comes_last_and_alone(wire: Wire) -> None:
    assert offer(wire, (), ("hmac-sha1",)) is None
    options = wire.get_security_options()
    assert options.digests[-1] == "hmac-sha1"
    assert "hmac-md5" not in options.digests


def test_the_type_of_the_pinned_key_comes_first(wire: Wire) -> None:
    assert offer(wire, ("rsa-sha2-512", "rsa-sha2-256"), ()) is None
    assert wire.preferred_keys[:2] == ("rsa-sha2-512", "rsa-sha2-256")
    assert "ssh-ed25519" in wire.preferred_keys
    assert not [name for name in wire.preferred_keys if "cert" in name]


def test_only_one_family_when_keys_are_surveyed(wire: Wire) -> None:
    assert offer(wire, ("ssh-ed25519",), (), only=True) is None
    assert wire.preferred_keys == ("ssh-ed25519",)


def test_an_algorithm_that_is_gone_is_named(wire: Wire) -> None:
    failure = offer(wire, (), ("aes128-cbc", "ssh-rsa"))
    assert isinstance(failure, Failure)
    assert "ssh-rsa" in failure.detail
    assert "aes128-cbc" not in failure.detail
