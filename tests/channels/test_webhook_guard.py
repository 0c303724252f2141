"""A webhook is sent to public addresses, and to those inside that an operator allows."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

import pytest

from signoff.channels.guard import (
    Allowed,
    Forbidden,
    allowed,
    is_public,
    require_sound,
    resolve,
)
from signoff.errors import InvalidInput

NOTHING = Allowed()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:7f00:1::",
    ],
)
def test_what_is_not_public_is_not(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07::1", "64:ff9b::808:808"]
)
def test_what_is_public_is(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://acme.test/",
        "http://acme.test/hook",
        "https://",
        "https://user:pw@acme.test/",
        "https://acme.test/#part",
        "https://acme.test:0/",
        "https://acme.test:x/",
        "https://127.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://acme.test/\nhost: evil",
        "https://пример.test/",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_could_never_be_sent_to_is_refused_when_it_is_entered(url: str) -> None:
    with pytest.raises(InvalidInput):
        require_sound(url, NOTHING)


def test_an_operator_allows_names_and_networks_inside() -> None:
    inside = allowed(" hooks.internal, 10.1.0.0/16 ,::1 ")
    for url in ("http://hooks.internal/x", "http://10.1.2.3:8080/x", "https://[::1]/"):
        require_sound(url, inside)
    with pytest.raises(InvalidInput):
        require_sound("http://10.2.0.1/", inside)
    for wrong in ("10.0.0.0/33", "a b", "http://x"):
        with pytest.raises(InvalidInput):
            allowed(wrong)


async def test_of_all_that_a_name_stands_for_not_one_may_be_inside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = ["93.184.215.14", "10.0.0.1"]

    async def lookup(host: str, port: int, **how: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in answers]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lookup, raising=False)
    with pytest.raises(Forbidden):
        await resolve("https://rebind.test/hook", NOTHING)
    target = await resolve("https://rebind.test/hook", allowed("10.0.0.0/8"))
    assert (target.host, target.address, target.port) == ("rebind.test", "93.184.215.14", 443)
    answers.clear()
    with pytest.raises(Forbidden):
        await resolve("https://rebind.test/hook", NOTHING)
