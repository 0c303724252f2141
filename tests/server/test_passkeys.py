"""Passkeys over the API: registering them, and signing answers with them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from signoff.audit import passkey
from signoff.core.credential import Strength
from signoff.core.events import TaskAnswered
from signoff.core.words import IntentId
from signoff.server.asgi import application
from tests.passkeys import Authenticator
from tests.server.told import leaves, told
from tests.server.world import COLLEAGUE, HERE, MANAGER, World
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

    async def challenge(self, task: Json, answer: Json) -> httpx2.Response:
        return await self.world.post(self.who, f"/v1/tasks/{task['id']}/challenge", answer)

    async def sign(self, task: Json, answer: Json, **said: Any) -> Json:
        """The answer with its signature; ``said`` is what the device says that is not so."""
        response = await self.challenge(task, answer)
        assert response.status_code == 200, response.text
        return {**answer, "signature": self.device.get(response.json()["options"], **said)}

    async def answer(self, task: Json, answer: Json, **more: Any) -> httpx2.Response:
        return await self.world.post(self.who, f"/v1/tasks/{task['id']}/answer", answer, **more)

    async def refused(self, task: Json, answer: Json, *, code: str = "signature_refused") -> Json:
        """Hold that this is refused and changes nothing but what the log is told."""
        before = self.world.stored()
        response = await self.answer(task, answer)
        assert response.json()["code"] == code, response.text
        assert self.world.stored() == before
        problem: Json = response.json()
        return problem

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


# Signing


@pytest.fixture
async def ready(signer: Signer) -> Signer:
    """Somebody who has a passkey."""
    assert (await signer.register()).status_code == 201
    return signer


APPROVED = {"outcome": "approved"}


def asked_of(*who: str, need: int = 1) -> Json:
    """The fields of a task that asks these."""
    return {"chain": [{"who": list(who), "need": need}], "assignee": None}


async def answers(world: World, task: Json) -> list[TaskAnswered]:
    events = await world.services.store.events(
        HERE, IntentId(task["intent_id"]), after=0, limit=100
    )
    return [each.body for each in events if isinstance(each.body, TaskAnswered)]


async def test_an_answer_is_signed(ready: Signer) -> None:
    task = await ready.world.task()
    request = (await ready.challenge(task, APPROVED)).json()
    assert request["options"]["rpId"] == "signoff.test"
    assert request["options"]["userVerification"] == "required"

    response = await ready.answer(task, await ready.sign(task, APPROVED))

    assert response.status_code == 200, response.text
    (answered,) = await answers(ready.world, task)
    credential, (passkey,) = answered.credential, await ready.listed()
    assert (credential.strength, credential.method) == (Strength.SIGNED, "passkey")
    assert credential.id == passkey["id"]
    assert credential.signature is not None
    assert credential.signature.statement == request["statement"]
    assert json.loads(request["statement"]) == {
        "type": "signoff.answer/v1",
        "workspace": HERE,
        "task": task["id"],
        "outcome": "approved",
        "answer": answered.answer_digest,
        "view": task["view_digest"],
    }


async def test_an_answer_by_key_alone_says_so(ready: Signer) -> None:
    task = await ready.world.task()

    await ready.answer(task, APPROVED)

    (answered,) = await answers(ready.world, task)
    assert (answered.credential.strength, answered.credential.method) == (Strength.KEY, "api_key")
    assert answered.credential.signature is None


async def test_the_challenge_judges_the_answer_as_the_rules_do(ready: Signer) -> None:
    task = await ready.world.task(evidence="required")

    before = ready.world.stored()
    response = await ready.challenge(task, APPROVED)

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "evidence"
    assert ready.world.stored() == before


async def test_there_is_no_challenge_without_a_passkey(signer: Signer) -> None:
    task = await signer.world.task()

    assert (await signer.challenge(task, APPROVED)).status_code == 422
    theirs = replace(signer, who="outsider")
    assert (await theirs.challenge(task, APPROVED)).status_code == 404


async def test_a_signature_fits_no_other_answer(ready: Signer) -> None:
    task = await ready.world.task(outcomes=["approved", "rejected"])
    signed = await ready.sign(task, {**APPROVED, "comment": "All good"})

    for change in ({"outcome": "rejected"}, {"comment": "All good!"}, {"comment": None}):
        await ready.refused(task, signed | change)
    assert (await ready.answer(task, signed)).status_code == 200


async def test_a_signature_fits_no_other_task(ready: Signer) -> None:
    one, other = await ready.world.task(), await ready.world.task()

    await ready.refused(other, await ready.sign(one, APPROVED))


async def test_a_signature_fits_no_other_form_of_the_task(ready: Signer) -> None:
    task = await ready.world.task(type="review", content="Draft", revisions=1)
    signed = await ready.sign(task, {"outcome": "approved"})
    await ready.answer(task, {"outcome": "changes_requested", "comment": "Shorter"})
    revised = await ready.world.post("agent", f"/v1/tasks/{task['id']}/revise", {"content": "Dr"})
    assert revised.status_code == 200

    await ready.refused(task, signed)


async def test_a_signature_of_somebody_else_is_refused(ready: Signer) -> None:
    task = await ready.world.task(**asked_of(MANAGER, COLLEAGUE))
    theirs = Signer(world=ready.world, device=Authenticator(ORIGIN), who="colleague")
    await theirs.register()

    await theirs.refused(task, await ready.sign(task, APPROVED))
    assert (await theirs.answer(task, await theirs.sign(task, APPROVED))).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {"origin": "https://evil.test"},
        {"origin": "http://signoff.test"},
        {"type": "webauthn.create"},
        {"crossOrigin": True},
        {"challenge": "AAAA"},
    ],
)
async def test_a_signature_made_elsewhere_is_refused(ready: Signer, said: Json) -> None:
    task = await ready.world.task()

    await ready.refused(task, await ready.sign(task, APPROVED, **said))


async def test_a_signature_for_another_site_is_refused(ready: Signer) -> None:
    task = await ready.world.task()
    options = (await ready.challenge(task, APPROVED)).json()["options"]
    (passkey,) = ready.device.passkeys

    reply = ready.device.sign(passkey, "evil.test", options["challenge"])

    await ready.refused(task, {**APPROVED, "signature": reply})


async def test_a_signature_by_whom_nobody_verified_is_refused(ready: Signer) -> None:
    task = await ready.world.task()
    ready.device.verifies = False

    await ready.refused(task, await ready.sign(task, APPROVED))


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
async def test_a_signature_that_was_touched_is_refused(ready: Signer, part: str) -> None:
    task = await ready.world.task()
    signed = await ready.sign(task, APPROVED)
    raw = bytearray(base64url_to_bytes(signed["signature"]["response"][part]))
    raw[-2] ^= 1
    signed["signature"]["response"][part] = bytes_to_base64url(bytes(raw))

    await ready.refused(task, signed)


async def test_a_counter_that_does_not_go_up_is_refused(ready: Signer) -> None:
    first, second = await ready.world.task(), await ready.world.task()
    ready.device.passkeys[0].count = 7
    assert (await ready.answer(first, await ready.sign(first, APPROVED))).status_code == 200

    for uses in (3, 7):  # each sign counts one more: to 4, and to the 8 that was seen
        ready.device.passkeys[0].count = uses
        await ready.refused(second, await ready.sign(second, APPROVED))
    assert (await ready.answer(second, await ready.sign(second, APPROVED))).status_code == 200


async def test_of_two_copies_that_are_used_at_once_one_is_refused(ready: Signer) -> None:
    tasks = [await ready.world.task(), await ready.world.task()]
    signed = []
    for task in tasks:
        ready.device.passkeys[0].count = 0
        signed.append(await ready.sign(task, APPROVED))

    found = await asyncio.gather(*map(ready.answer, tasks, signed))

    assert sorted(each.status_code for each in found) == [200, 403]


async def test_a_device_that_does_not_count_signs_again_and_again(signer: Signer) -> None:
    signer.device.counts = False
    await signer.register()

    for _ in range(2):
        task = await signer.world.task()
        assert (await signer.answer(task, await signer.sign(task, APPROVED))).status_code == 200


async def test_a_removed_passkey_signs_nothing_any_more(ready: Signer) -> None:
    task = await ready.world.task()
    signed = await ready.sign(task, APPROVED)
    (passkey,) = await ready.listed()
    await ready.world.send("manager", "DELETE", f"{MINE}/{passkey['id']}")

    await ready.refused(task, signed)


async def test_a_disabled_person_signs_nothing_any_more(ready: Signer) -> None:
    task = await ready.world.task()
    signed = await ready.sign(task, APPROVED)
    response = await ready.world.send("admin", "PATCH", f"/v1/people/{MANAGER}", {"disabled": True})
    assert response.status_code == 200

    await ready.refused(task, signed, code="unauthenticated")


async def test_a_signature_does_not_decide_a_task_twice(ready: Signer) -> None:
    task = await ready.world.task()
    signed = await ready.sign(task, APPROVED)
    assert (await ready.answer(task, signed)).status_code == 200

    await ready.refused(task, signed, code="already_concluded")


async def test_sending_a_signed_answer_again_by_its_key_answers_the_same(ready: Signer) -> None:
    task = await ready.world.task(**asked_of(MANAGER, COLLEAGUE, need=2))
    signed, key = await ready.sign(task, APPROVED), {"Idempotency-Key": "answer-1"}
    first = await ready.answer(task, signed, headers=key)
    assert first.status_code == 200, first.text

    again = await ready.answer(task, signed, headers=key)

    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    other = await ready.answer(task, signed | {"comment": "No"}, headers=key)
    assert other.json()["code"] == "idempotency_key_reused"
    assert (await ready.answer(task, signed)).json()["code"] == "signature_refused"


async def test_a_task_may_take_signed_answers_only(ready: Signer) -> None:
    task = await ready.world.task(credential="signed")

    await ready.refused(task, APPROVED, code="credential_too_weak")
    assert (await ready.answer(task, await ready.sign(task, APPROVED))).status_code == 200


async def test_a_refused_signature_is_on_record(ready: Signer) -> None:
    task = await ready.world.task()
    ready.device.verifies = False

    await ready.answer(task, await ready.sign(task, APPROVED))

    (refused,) = await told(ready.world, "attempt.refused")
    assert refused.data["code"] == "signature_refused"
    assert (refused.data["command"], refused.task) == ("AnswerTask", task["id"])


async def test_the_log_is_told_of_a_passkey_with_a_key_that_anybody_can_read(
    ready: Signer,
) -> None:
    (passkey,) = await ready.listed()
    await ready.world.send("manager", "DELETE", f"{MINE}/{passkey['id']}")

    (kept,) = await told(ready.world, "passkey.added")
    (gone,) = await told(ready.world, "passkey.removed")
    added, removed = kept.leaf["data"], gone.leaf["data"]
    public = load_der_public_key(base64url_to_bytes(added["public_key"]))
    assert public == ready.device.passkeys[0].key.public_key()
    assert added["relying_party"] == "signoff.test"
    assert added["credential_id"] == removed["credential_id"] == passkey["id"]
    assert added["person_id"] == removed["person_id"]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "AAAA"},
        {"rawId": "AAAA"},
        {"response": {"clientDataJSON": "", "authenticatorData": "", "signature": ""}},
        {"response": {"clientDataJSON": "W10", "authenticatorData": "AA", "signature": "AA"}},
    ],
)
async def test_nonsense_is_refused_as_such(ready: Signer, change: Json) -> None:
    task = await ready.world.task()
    signed = await ready.sign(task, APPROVED)

    await ready.refused(task, {**signed, "signature": signed["signature"] | change})


async def test_the_task_says_how_strong_each_answer_and_the_decision_are(ready: Signer) -> None:
    task = await ready.world.task(**asked_of(MANAGER, COLLEAGUE, need=2))
    await ready.answer(task, await ready.sign(task, APPROVED))
    answered = await replace(ready, who="colleague").answer(task, APPROVED)

    shown = answered.json()["task"]

    assert [each["strength"] for each in shown["answers"]] == ["signed", "key"]
    assert shown["decision"]["strength"] == "key"


async def test_the_log_alone_proves_the_signature(ready: Signer) -> None:
    task = await ready.world.task()
    await ready.answer(task, await ready.sign(task, APPROVED))

    (added,) = await told(ready.world, "passkey.added")
    (answered,) = leaves(ready.world, "task.answered")
    credential = answered["data"]["credential"]
    said = passkey.statement(
        workspace=answered["workspace"],
        task=answered["task"],
        outcome=answered["data"]["outcome"],
        answer=answered["digests"]["answer"],
        view=answered["digests"]["view"],
    )
    key = {name: added.leaf["data"][name] for name in ("public_key", "relying_party")}
    assert answered["actor"] == added.leaf["actor"]
    assert credential["signature"]["credential_id"] == added.leaf["data"]["credential_id"]
    assert passkey.wrong(credential["signature"], said, **key) is None
    for part in ("authenticator_data", "client_data", "signature"):
        raw = bytearray(base64url_to_bytes(credential["signature"][part]))
        raw[-2] ^= 1
        touched = {**credential["signature"], part: bytes_to_base64url(bytes(raw))}
        assert passkey.wrong(touched, said, **key) is not None


async def test_an_erased_person_signs_nothing_any_more(ready: Signer) -> None:
    task = await ready.world.task()
    signed = await ready.sign(task, APPROVED)
    order = {"person": MANAGER, "reason": "they asked for it"}
    erased = await ready.world.post("admin", "/v1/audit/erasures", order)
    assert erased.status_code < 300, erased.text

    response = await ready.answer(task, signed)

    assert response.status_code in (401, 403)
    assert await answers(ready.world, task) == []
