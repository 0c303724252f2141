"""The receipt of a decision: whole, proved against one checkpoint, closed where it was erased."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn.helpers import bytes_to_base64url

from signoff.audit.note import Signer, cosign, cosigner_vkey
from signoff.audit.policy import parse as parse_policy
from signoff.audit.receipt import Proven, Receipt, decode
from signoff.audit.verify import verify_bundle, verify_receipt
from signoff.core import commands as c
from signoff.core.credential import Credential, Signature, Strength, statement
from signoff.core.facts import Fact, PasskeyAdded, ReceiptIssued
from signoff.core.routing import Person
from signoff.core.task import RawAnswer, Task, answer_digest
from signoff.core.words import TaskId
from signoff.engine.log.exporting import Selection, export
from signoff.engine.log.forgetting import Forgetting, Wanted
from signoff.engine.log.ledger import Ledger
from signoff.engine.log.opening import SIGNOFF
from signoff.engine.log.ports import Anchored
from signoff.engine.log.receipts import receipt
from signoff.engine.noting import viewed
from signoff.errors import IllegalMove, NotFound, NotLoggedYet
from signoff.testing.clock import START
from tests.engine.asks import AGENT, JONAS, MARIA, WORKSPACE, answer, request, submission
from tests.logs import NO_SEAL, Logbook, logbook
from tests.passkeys import Authenticator, Passkey

SITE = "signoff.test"
WITNESS = "witness.test/w1"
WITNESS_SEED = b"witness".ljust(32, b".")


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Logbook]:
    async with logbook(f"sqlite:///{tmp_path / 'signoff.db'}") as book:
        await book.sequencer.open_logs()
        yield book


async def test_a_receipt_tells_the_whole_story(log: Logbook) -> None:
    task = await _asked(log, handled=True)
    fact, view = viewed(WORKSPACE, task, MARIA, channel="inbox", at=START)
    await log.store.record([fact], [view])
    await log.door.execute(WORKSPACE, answer(task.id))
    for name in ("pay", "tell"):
        step = c.RecordStep(actor=AGENT, name=name, kind="step", output={"paid": 240})
        await log.door.execute(WORKSPACE, step, task.intent_id)

    found = await _receipt(log, task.id)

    assert found.about.leaf["type"] == "task.concluded"
    assert _kinds(found) == [
        "intent.submitted",
        "task.opened",
        "task.viewed",
        "task.answered",
        "step.recorded",
    ]
    opened = _named(found, "task.opened")
    assert json.loads(opened.shown["view"])["title"] == "Refund 240 EUR?"
    assert _named(found, "task.answered").shown == opened.shown
    assert json.loads(opened.opened["ask.title"]["value"]) == "Refund 240 EUR?"
    _require_verified(found)


async def test_what_was_revised_is_shown_as_it_was_answered(log: Logbook) -> None:
    asked = request(type="review", content="first draft", revisions=2)
    task = await _asked(log, asked)
    await log.door.execute(WORKSPACE, _saying(task, "changes_requested", "shorter, please"))
    revised = c.ReviseTask(actor=AGENT, task_id=task.id, content="second draft")
    await log.door.execute(WORKSPACE, revised)
    await log.door.execute(WORKSPACE, _saying(task, "approved"))

    found = await _receipt(log, task.id)

    first, second = [each for each in found.also if each.leaf["type"] == "task.answered"]
    assert "first draft" in first.shown["view"]
    assert "second draft" not in first.shown["view"]
    assert "second draft" in second.shown["view"]
    _require_verified(found)


async def test_another_task_of_the_intent_is_not_in_it(log: Logbook) -> None:
    task = await _asked(log, handled=True)
    await log.door.execute(WORKSPACE, answer(task.id))
    opened = c.OpenTask(actor=AGENT, task=request(title="And this?"))
    done = await log.door.execute(WORKSPACE, opened, task.intent_id)
    assert done.task is not None
    await log.door.execute(WORKSPACE, answer(done.task.id, JONAS, "rejected"))

    first, second = [await _receipt(log, each) for each in (task.id, done.task.id)]

    assert first.about.leaf["task"] == task.id
    assert second.about.leaf["task"] == done.task.id
    for found in (first, second):
        about = found.about.leaf["task"]
        assert {each.leaf.get("task", about) for each in found.also} == {about}
        _require_verified(found)


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (lambda t: c.WithdrawTask(actor=AGENT, task_id=t, reason="enough"), "task.withdrawn"),
        (lambda t: answer(t, JONAS, "rejected"), "task.concluded"),
    ],
)
async def test_however_a_task_ends_there_is_a_receipt(
    log: Logbook, command: Any, kind: str
) -> None:
    task = await _asked(log)
    await log.door.execute(WORKSPACE, command(task.id))
    found = await _receipt(log, task.id)
    assert found.about.leaf["type"] == kind
    _require_verified(found)


async def test_a_signed_answer_is_verified_by_its_passkey(log: Logbook) -> None:
    task = await _signed_answer(log)

    found = await _receipt(log, task.id)

    assert "passkey.added" in _kinds(found)
    verdict = verify_receipt(found.encode())
    assert verdict.refuted is None
    assert ("passkeys", {"count": 1}) in verdict.facts


async def test_so_it_is_in_the_bundle_of_its_intent(log: Logbook, tmp_path: Path) -> None:
    """Also when whoever signed it has been forgotten, and their passkey has no name any more."""
    task = await _signed_answer(log)
    bundle = tmp_path / "intent.zip"
    for forgotten in (False, True):
        if forgotten:
            person = Wanted(reason="asked", person_id=MARIA.id)
            await Forgetting(log.store, WORKSPACE, SIGNOFF).forget(person)
        await log.sequencer.flush()

        selection = Selection(intent_id=task.intent_id)
        taken = await export(log.store, WORKSPACE, selection)
        bundle.write_bytes(b"".join([chunk async for chunk in taken.chunks()]))

        verdict = verify_bundle(bundle)
        assert verdict.refuted is None
        assert ("passkeys", {"count": 1}) in verdict.facts


async def test_what_was_erased_stays_closed_and_the_receipt_holds(log: Logbook) -> None:
    task = await _asked(log)
    await log.door.execute(WORKSPACE, answer(task.id))
    before = await _receipt(log, task.id)
    wanted = Wanted(reason="asked for", intent_id=task.intent_id)
    await Forgetting(log.store, WORKSPACE, SIGNOFF).forget(wanted)

    after = await _receipt(log, task.id)

    assert "ask.title" in _named(before, "task.opened").opened
    for found in (after.about, *after.also):
        assert found.shown == {}
        assert found.opened == {} or found.leaf["type"] == "erasure.done"
    for found_ in (before, after):
        _require_verified(found_)


async def test_it_is_proved_against_what_a_witness_has_cosigned(log: Logbook) -> None:
    early, late = await _asked(log), await _asked(log)
    await log.door.execute(WORKSPACE, answer(early.id))
    await log.sequencer.flush()
    head = await log.store.log_head(WORKSPACE)
    assert head is not None
    assert head.checkpoint is not None
    await _cosigned(log, head.size, head.checkpoint)
    await log.door.execute(WORKSPACE, answer(late.id))

    first, second = await _receipt(log, early.id), await _receipt(log, late.id)

    policy = parse_policy(
        f"log {Signer(name=head.origin, seed=await _seed(log)).vkey}\n"
        f"witness w1 {cosigner_vkey(WITNESS, WITNESS_SEED)}\nquorum w1\n"
    )
    assert verify_receipt(first.encode(), policy).verified
    assert _size(first) == head.size
    assert _size(second) > head.size
    assert verify_receipt(second.encode(), policy).refuted is not None
    _require_verified(second)


async def test_without_a_decision_or_its_place_there_is_none(log: Logbook) -> None:
    task = await _asked(log)
    with pytest.raises(IllegalMove, match="nothing is decided yet"):
        await receipt(log.store, WORKSPACE, task.id)
    with pytest.raises(NotFound):
        await receipt(log.store, WORKSPACE, TaskId("task_0"))
    await log.sequencer.flush()
    await log.door.execute(WORKSPACE, answer(task.id))
    with pytest.raises(NotLoggedYet):
        await receipt(log.store, WORKSPACE, task.id)
    await log.store.sequence(limit=99)
    with pytest.raises(NotLoggedYet):
        await receipt(log.store, WORKSPACE, task.id)


async def test_a_fresh_decision_is_waited_for_a_moment(
    log: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await _asked(log)
    await log.door.execute(WORKSPACE, answer(task.id))
    ledger = Ledger(log.store, log.sequencer, seal=NO_SEAL)
    monkeypatch.setattr("signoff.engine.log.ledger._RECEIPT_SECONDS", 0.1)
    with pytest.raises(NotLoggedYet):
        await ledger.receipt(WORKSPACE, task.id, MARIA.actor)

    await log.sequencer.flush()
    found = decode(await ledger.receipt(WORKSPACE, task.id, MARIA.actor))

    _require_verified(found)
    await log.sequencer.flush()
    last = (await log.store.log_entries_of(WORKSPACE, task.intent_id))[-1]
    assert last.type == ReceiptIssued.type
    assert MARIA.id in last.leaf
    again = await _receipt(log, task.id)
    assert "receipt.issued" not in _kinds(again), "that is about the receipt, not the decision"


# what these tests do over and over


async def _asked(log: Logbook, asked: Any = None, *, handled: bool = False) -> Task:
    """A task; where its agent handles the intent, that goes on after the decision."""
    submit = submission(task=asked or request(), handled=handled)
    done = await log.door.execute(WORKSPACE, submit)
    assert done.task is not None
    return done.task


def _saying(task: Task, outcome: str, comment: str | None = None) -> c.AnswerTask:
    raw = RawAnswer(outcome=outcome, comment=comment)
    return c.AnswerTask(actor=MARIA.actor, task_id=task.id, raw=raw)


async def _receipt(log: Logbook, task_id: TaskId) -> Receipt:
    await log.sequencer.flush()
    return await receipt(log.store, WORKSPACE, task_id)


def _require_verified(found: Receipt) -> None:
    """As a file, by whoever has nothing else."""
    verdict = verify_receipt(found.encode())
    assert verdict.refuted is None
    assert verdict.verified


def _kinds(found: Receipt) -> list[str]:
    return [each.leaf["type"] for each in sorted(found.also, key=lambda one: one.index)]


def _named(found: Receipt, kind: str) -> Proven:
    (only,) = [each for each in found.also if each.leaf["type"] == kind]
    return only


def _size(found: Receipt) -> int:
    return int(found.note.split("\n")[1])


async def _seed(log: Logbook) -> bytes:
    (key,) = await log.store.log_keys(WORKSPACE)
    return key.secret


async def _cosigned(log: Logbook, size: int, checkpoint: str) -> None:
    line = cosign(checkpoint, WITNESS, WITNESS_SEED, 1_772_442_000)
    await log.store.add_anchor(
        Anchored(
            workspace=WORKSPACE,
            id="anc_1",
            kind="witness",
            name="w1",
            size=size,
            checkpoint=checkpoint,
            at=START,
            evidence=line,
        )
    )


async def _signed_answer(log: Logbook) -> Task:
    """A task that Maria has approved with a passkey."""
    device = Authenticator(origin=f"https://{SITE}")
    passkey = Passkey(id=os.urandom(16), key=ec.generate_private_key(ec.SECP256R1()))
    device.passkeys.append(passkey)
    task = await _asked(log)
    await log.store.record([_passkey_added(MARIA, passkey)])
    raw = RawAnswer(outcome="approved")
    said = statement(
        workspace=WORKSPACE,
        task_id=task.id,
        outcome="approved",
        answer_digest=answer_digest(raw, None),
        view_digest=task.view_digest,
    )
    await log.door.execute(
        WORKSPACE,
        c.AnswerTask(
            actor=MARIA.actor,
            task_id=task.id,
            raw=raw,
            view_digest=task.view_digest,
            credential=_signed(device, passkey, said),
        ),
    )
    return task


def _passkey_added(person: Person, passkey: Passkey) -> Fact:
    public = passkey.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    body = PasskeyAdded(
        person_id=person.id,
        credential_id=bytes_to_base64url(passkey.id),
        public_key=bytes_to_base64url(public),
        relying_party=SITE,
        label="her phone",
    )
    return Fact(workspace=WORKSPACE, id="fact_passkey", at=START, actor=person.actor, body=body)


def _signed(device: Authenticator, passkey: Passkey, said: str) -> Credential:
    challenge = bytes_to_base64url(hashlib.sha256(said.encode()).digest())
    reply = device.sign(passkey, SITE, challenge)
    parts = reply["response"]
    return Credential(
        strength=Strength.SIGNED,
        method="passkey",
        id=reply["id"],
        signature=Signature(
            credential_id=reply["id"],
            statement=said,
            authenticator_data=parts["authenticatorData"],
            client_data=parts["clientDataJSON"],
            signature=parts["signature"],
        ),
    )
