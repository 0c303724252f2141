"""Passkeys over the API: registering them, and signing answers with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from signoff.server.asgi import application
from tests.passkeys import Authenticator
from tests.server.world import MANAGER, World
from tests.server.world import world as running_world

ORIGIN = "https://signoff.test"
MINE = "/v1/me/passkeys"
Json = dict[str, Any]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A server that people reach at an address where browsers allow passkeys."""
    async with running_world(tmp_path) as made:
        settings = msgspec.structs.replace(made.services.settings, public_url=ORIGIN)
        app = application(replace(made.services, settings=settings))
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as http:
            yield replace(made, app=app, http=http)


@dataclass
class Signer:
    """A person at the API, with a device that has a passkey of theirs."""

    world: World
    device: Authenticator
    who: str = "manager"

    async def options(self) -> Json:
        response = await self.world.post(self.who, f"{MINE}/challenge")
        assert response.status_code == 200, response.text
        options: Json = response.json()["options"]
        return options

    async def register(self, reply: Json | None = None, **body: Any) -> httpx2.Response:
        reply = self.device.create(await self.options()) if reply is None else reply
        return await self.world.post(self.who, MINE, {"credential": reply, **body})

    async def listed(self) -> list[Json]:
        response = await self.world.get(self.who, MINE)
        listed: list[Json] = response.json()["passkeys"]
        return listed


@pytest.fixture
def signer(world: World) -> Signer:
    return Signer(world=world, device=Authenticator(ORIGIN))


async def test_a_person_registers_lists_and_removes_a_passkey(signer: Signer) -> None:
    response = await signer.register(label="Phone")

    assert response.status_code == 201, response.text
    passkey = response.json()["passkey"]
    assert passkey["label"] == "Phone"
    assert await signer.listed() == [passkey]
    gone = await signer.world.send("manager", "DELETE", f"{MINE}/{passkey['id']}")
    assert gone.json()["passkey"] == passkey
    assert await signer.listed() == []
    again = await signer.world.send("manager", "DELETE", f"{MINE}/{passkey['id']}")
    assert again.status_code == 404


async def test_what_is_asked_of_the_browser(signer: Signer) -> None:
    first = (await signer.register()).json()["passkey"]
    options = await signer.options()

    assert options["rp"] == {"id": "signoff.test", "name": "Signoff"}
    assert options["user"]["name"] == MANAGER
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert [each["id"] for each in options["excludeCredentials"]] == [first["id"]]


async def test_a_challenge_of_somebody_else_or_of_long_ago_is_no_good(signer: Signer) -> None:
    theirs = replace(signer, who="colleague")
    refused = await signer.register(signer.device.create(await theirs.options()))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "credential"

    mine = await signer.options()
    signer.world.clock.advance(timedelta(minutes=11))
    assert (await signer.register(signer.device.create(mine))).status_code == 422
    assert await signer.listed() == []


@pytest.mark.parametrize(
    "said",
    [
        {"origin": "https://signoff.test.evil.example"},
        {"origin": "http://signoff.test"},
        {"type": "webauthn.get"},
        {"crossOrigin": True},
        {"challenge": "AAAA"},
    ],
)
async def test_a_passkey_made_elsewhere_is_refused(signer: Signer, said: Json) -> None:
    reply = signer.device.create(await signer.options(), **said)

    assert (await signer.register(reply)).status_code == 422
    assert await signer.listed() == []


async def test_a_passkey_of_a_device_that_verifies_nobody_is_refused(signer: Signer) -> None:
    signer.device.verifies = False

    assert (await signer.register()).status_code == 422
    assert await signer.listed() == []


async def test_a_passkey_is_one_persons(signer: Signer) -> None:
    await signer.register()
    theirs = replace(signer, who="colleague")
    again = signer.device.attest(signer.device.passkeys[0], await theirs.options())

    response = await theirs.register(again)

    assert response.status_code == 409
    assert await theirs.listed() == []


async def test_nobody_has_more_than_twenty(signer: Signer) -> None:
    for _ in range(20):
        assert (await signer.register()).status_code == 201

    refused = await signer.world.post("manager", f"{MINE}/challenge")

    assert refused.status_code == 422
    assert "20" in refused.json()["detail"]


async def test_only_people_have_passkeys(world: World) -> None:
    for who in ("agent", "admin", "auditor"):
        assert (await world.post(who, f"{MINE}/challenge")).status_code == 403
        assert (await world.get(who, MINE)).status_code == 403
