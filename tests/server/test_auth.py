"""Keys: what they look like, who they stand for, and how fast they stop working."""

from __future__ import annotations

import zlib

import pytest

from signoff.engine.ports import KeyKind
from signoff.server import auth
from tests.server.world import MANAGER, World

NOBODYS = "signoff_admin_" + "A" * 32 + f"{zlib.crc32(b'signoff_admin_' + b'A' * 32):08x}"


@pytest.mark.parametrize("kind", KeyKind)
def test_a_key_names_its_kind_and_carries_a_checksum(kind: KeyKind) -> None:
    key = auth.mint(kind)

    assert key.secret.startswith(f"signoff_{kind}_")
    assert auth.well_formed(key.secret)
    assert key.hash == auth.hash_of(key.secret)
    assert key.secret not in (key.hash, key.hint)


def test_a_key_that_nobody_issued_can_look_like_one() -> None:
    assert auth.well_formed(NOBODYS)


def test_a_key_with_one_wrong_letter_is_known_to_be_none() -> None:
    secret = auth.mint(KeyKind.AGENT).secret
    for place in range(len(secret)):
        letter = "x" if secret[place] != "x" else "y"
        assert not auth.well_formed(secret[:place] + letter + secret[place + 1 :])


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Basic c2lnbm9mZg==",
        f"Bearer {NOBODYS}",
        f"Bearer {NOBODYS}x",
        "Bearer signoff_admin_" + "é" * 32 + "00000000",
    ],
)
async def test_without_a_good_key_there_is_only_401(
    world: World, authorization: str | None
) -> None:
    headers = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]

    response = await world.http.get("/v1/me", headers=headers)

    assert response.status_code == 401
    assert response.json()["code"] == "unauthenticated"
    assert response.headers["www-authenticate"] == 'Bearer realm="signoff"'


async def test_everybody_learns_whose_key_they_hold(world: World) -> None:
    agent = (await world.get("agent", "/v1/me")).json()
    person = (await world.get("manager", "/v1/me")).json()

    assert agent == {
        "kind": "agent",
        "workspace": "default/main",
        "agent": "agent://default/main/refunds",
        "person": None,
    }
    assert person["person"]["email"] == MANAGER


async def test_a_revoked_key_stops_working_at_once(world: World) -> None:
    body = {"kind": "agent", "agent": "shipping"}
    made = (await world.post("admin", "/v1/keys", body)).json()
    bearer = {"Authorization": f"Bearer {made['key']}"}
    assert (await world.http.get("/v1/me", headers=bearer)).status_code == 200

    revoked = await world.send("admin", "DELETE", f"/v1/keys/{made['id']}")

    assert revoked.json()["revoked_at"] is not None
    assert "key" not in revoked.json()
    assert (await world.http.get("/v1/me", headers=bearer)).status_code == 401


async def test_a_disabled_person_is_nobody_at_once(world: World) -> None:
    assert (await world.get("manager", "/v1/me")).status_code == 200

    await world.send("admin", "PATCH", f"/v1/people/{MANAGER}", {"disabled": True})

    refused = await world.get("manager", "/v1/me")
    assert refused.status_code == 401
    assert "disabled" in refused.json()["detail"]


async def test_a_role_taken_away_is_gone_at_once(world: World) -> None:
    assert (await world.get("operator", "/v1/intents")).status_code == 200

    await world.send("admin", "PATCH", "/v1/people/ops@acme.test", {"roles": []})

    assert (await world.get("operator", "/v1/intents")).status_code == 403


async def test_a_key_is_looked_up_once_a_second_at_most(world: World) -> None:
    now = 100.0
    ring = auth.KeyRing(world.services.store, monotonic=lambda: now)
    bearer = f"Bearer {world.keys['agent']}".encode()

    first = await ring.caller(bearer)
    again = await ring.caller(bearer)
    now += 1.5
    later = await ring.caller(bearer)

    assert again is first
    assert later is not first


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "agent"},
        {"kind": "person"},
        {"kind": "admin", "agent": "bot"},
        {"kind": "auditor", "person": MANAGER},
        {"kind": "agent", "agent": "agent://other/main/bot"},
        {"kind": "agent", "agent": "bot/../x"},
        {"kind": "person", "person": "nobody@acme.test"},
        {"kind": "root"},
    ],
)
async def test_a_key_that_would_stand_for_nobody_is_not_made(
    world: World, order: dict[str, str]
) -> None:
    before = world.stored()

    response = await world.post("admin", "/v1/keys", order)

    assert response.status_code == 422
    assert world.stored() == before


async def test_the_list_of_keys_holds_no_secret(world: World) -> None:
    listed = await world.get("admin", "/v1/keys")

    assert len(listed.json()["keys"]) >= 8
    assert not any(secret in listed.text for secret in world.keys.values())
    assert "hash" not in listed.json()["keys"][0]
