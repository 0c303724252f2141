"""A leaf binds all there is of an event or fact, and shows nothing of what can be erased."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from signoff.audit import canonical
from signoff.core import events as e
from signoff.core import facts as f
from signoff.core.credential import Credential, Signature, Strength
from signoff.core.events import BODIES
from signoff.core.facts import FACTS
from signoff.core.moments import rfc3339
from signoff.core.routing import Actor
from signoff.core.task import digest
from signoff.core.words import ActorKind, JSONObject, TaskId, TaskType
from signoff.engine.log.fields import LAYOUTS
from signoff.engine.log.scribe import Again, Written, leaf_of_event, leaf_of_fact
from signoff.engine.records import encode_body, fact_record
from tests.engine.marking import ABOUT, ACTOR, MOMENT, event, fact, labels, marked, marks
from tests.engine.values import values_of

EVERY: Mapping[str, Any] = {**BODIES, **FACTS}
SURE = settings(phases=(Phase.generate,), derandomize=True)
every_type = pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY.keys())

NOT_KEPT = {
    "seat.kind": "it is a person's always",
    "seat.label": "a mail address; the id says who",
    "who.kind": "it is a person's always",
    "who.label": "a mail address; the id says who",
    "credential.signature.statement": "follows from the leaf; the verifier builds it anew",
    "workspace": "at the top of the leaf, from the intent",
    "agent": "at the top of the leaf, from the intent",
    "task_id": "at the top of the leaf",
    "ask.id": "at the top of the leaf",
}
"""What a leaf does not bind of a body, and why. Nothing else."""

PLAIN_TEXTS = {
    "intent.submitted": "intent_type custody.categories custody.retention_class "
    "provenance.agent_class provenance.agent_version provenance.framework "
    "provenance.model_name provenance.model_provider provenance.model_version "
    "provenance.prompt_digest provenance.purpose provenance.trace_id",
    "intent.sleeping": "name",
    "intent.awoke": "name",
    "intent.overridden": "action",
    "step.recorded": "kind name",
    "task.opened": "ask.outcomes",
    "task.reminded": "late",
    "task.notified": "late",
    "task.escalated": "late",
    "task.reassigned": "late",
    "task.override_asked": "late override_task_id",
    "task.expired": "late",
    "task.answered": "answer_digest channel outcome seat.id view_digest credential.id "
    "credential.method credential.provider credential.signature.authenticator_data "
    "credential.signature.client_data credential.signature.credential_id "
    "credential.signature.signature",
    "task.answer_voided": "seat who.id",
    "task.concluded": "outcome",
    "log.opened": "origin",
    "log.key_added": "key",
    "log.key_retired": "key",
    "log.exported": "format",
    "person.added": "groups person_id roles",
    "person.changed": "changed groups person_id roles",
    "webhook.added": "events webhook_id",
    "webhook.changed": "after before changed events state webhook_id",
    "webhook.rotated": "webhook_id",
    "webhook.disabled": "reason webhook_id",
    "webhook.removed": "webhook_id",
    "webhook.redelivered": "delivery_id webhook_id",
    "preferences.saved": "after before channels digest muted person_id",
    "key.made": "key_id kind person_id",
    "key.revoked": "key_id",
    "settings.saved": "after before",
    "sign_in.offered": "person_id",
    "sign_in.succeeded": "method person_id strength",
    "sign_in.ended": "person_id",
    "passkey.added": "credential_id person_id public_key relying_party",
    "passkey.removed": "credential_id person_id",
    "identity.added": "issuer person_id",
    "identity.removed": "issuer person_id",
    "notice.sent": "channel reason told",
    "notice.failed": "address channel notice_id person_id reason",
    "notice.skipped": "channel detail notice_id person_id reason",
    "attempt.refused": "channel code command",
    "task.viewed": "channel person_id view_digest",
    "answer.picked_up": "after_step outcome",
    "erasure.done": "fields person_id retention_class scope",
    "hold.placed": "hold_id retention_class scope",
    "hold.lifted": "hold_id",
}
"""The texts of a body that stand in its leaf: our own words, digests, ids, and names of things."""

_OPENED_UP = ("ask", "opening", "provenance", "custody", "credential", "credential.signature")


def written(body: Any, again: Again | None = None) -> Written:
    data = encode_body(body)
    if body.type in BODIES:
        return leaf_of_event(ABOUT, event(body), data, again)
    return leaf_of_fact(fact(body), data, again)


def leaf_of(body: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written(body).leaf)
    return found


def salts_of(found: Written) -> dict[str, bytes]:
    salts = json.loads(found.salts or "{}")
    return {name: urlsafe_b64decode(salt + "=") for name, salt in salts.items()}


def at(body: Any, path: tuple[str, ...]) -> Any:
    value = json.loads(encode_body(body))
    for name in path:
        value = None if value is None else value[name]
    return value


class TestEveryType:
    def test_has_its_row_in_the_table(self) -> None:
        assert set(LAYOUTS) == set(EVERY)

    @every_type
    @settings(max_examples=10)
    @given(data=st.data())
    def test_shows_nothing_of_what_can_be_erased(self, kind: Any, data: st.DataObject) -> None:
        body = marked(data.draw(values_of(kind)))
        committed = [at(body, path) for path in LAYOUTS[kind.type].committed]

        leaf = written(body).leaf

        assert marks(leaf).isdisjoint(marks(json.dumps(committed)))
        assert marks(leaf).isdisjoint(marks("".join(labels(json.loads(encode_body(body))))))
        assert ACTOR.label not in leaf

    @every_type
    @settings(max_examples=10)
    @given(data=st.data())
    def test_is_canonical_json(self, kind: Any, data: st.DataObject) -> None:
        leaf = written(marked(data.draw(values_of(kind)))).leaf

        assert canonical.encode(json.loads(leaf)) == leaf.encode()

    @every_type
    @settings(max_examples=10)
    @given(data=st.data())
    def test_opens_with_its_salts_and_the_text_of_the_body(
        self, kind: Any, data: st.DataObject
    ) -> None:
        body = marked(data.draw(values_of(kind)))
        found, text = written(body), encode_body(body)
        committed = {
            ".".join(path): value
            for path in LAYOUTS[kind.type].committed
            if (value := at(body, path)) not in (None, "", [], {})
        }

        commitments = json.loads(found.leaf).get("commitments", {})

        assert commitments.keys() == committed.keys() == salts_of(found).keys()
        for name, salt in salts_of(found).items():
            value = _text_at(text, tuple(name.split(".")))
            assert json.loads(value) == committed[name]
            assert sha256(salt + value.encode()).hexdigest() == commitments[name]

    @every_type
    @settings(max_examples=10)
    @given(data=st.data())
    def test_can_be_written_once_more(self, kind: Any, data: st.DataObject) -> None:
        body = marked(data.draw(values_of(kind)))
        first = written(body)
        leaf = json.loads(first.leaf)
        again = Again(event_id=leaf["event_id"], software=leaf["software"], salts=salts_of(first))

        assert written(body, again) == first

    @every_type
    def test_binds_every_field_of_its_body(self, kind: Any) -> None:
        """A field that is neither plain, nor committed to, nor in a digest fails here."""
        again = Again(event_id="", software="", salts=_Salts())
        seen, tried = set(), set()

        @settings(SURE, max_examples=60)
        @given(values_of(kind, whole=True), values_of(kind) | values_of(kind, whole=True))
        def bound(body: Any, other: Any) -> None:
            for path in set(_paths(body)) - NOT_KEPT.keys():
                seen.add(path)
                changed = _with(body, other, path.split("."))
                if changed is not None and _said(body, path) != _said(changed, path):
                    tried.add(path)
                    assert written(body, again).leaf != written(changed, again).leaf, path

        bound()
        assert tried == seen

    def test_shows_no_texts_but_these(self) -> None:
        """None of these is what people write, or who they are: a new one wants a second look."""
        shown: set[str] = set()
        for kind in EVERY.values():

            @settings(SURE, max_examples=40)
            @given(values_of(kind, whole=True).map(marked))
            def look(body: Any) -> None:
                found = marks(written(body).leaf)
                said = {path: at(body, tuple(path.split("."))) for path in _paths(body)}
                shown.update(
                    f"{body.type} {path}"
                    for path, value in said.items()
                    if path not in NOT_KEPT and marks(json.dumps(value)) & found
                )

            look()

        assert shown == {
            f"{kind} {path}" for kind, paths in PLAIN_TEXTS.items() for path in paths.split()
        }


class TestALeaf:
    def test_says_when_where_and_who_without_a_mail_address(self) -> None:
        leaf = leaf_of(e.TaskClaimed(task_id=TaskId("task_1")))

        assert re.fullmatch(r"signoff \S+", leaf.pop("software"))
        assert UUID(leaf.pop("event_id")).version == 7
        assert leaf == {
            "schema": 1,
            "type": "task.claimed",
            "workspace": "default/main",
            "occurred_at": "2026-11-25T02:35:15.123456Z",
            "recorded_at": "2026-11-25T02:35:15.123456Z",
            "intent": "int_1",
            "seq": 5,
            "task": "task_1",
            "agent": "agent://default/main/refunds",
            "actor": {"kind": "person", "ref": "per_1"},
        }

    def test_of_a_fact_has_no_number_and_no_agent(self) -> None:
        leaf = leaf_of(f.LogRead())

        assert "seq" not in leaf
        assert "agent" not in leaf
        assert (leaf["intent"], leaf["task"]) == ("int_1", "task_1")

    @given(values_of(datetime))
    def test_has_an_id_of_its_own_moment(self, moment: datetime) -> None:
        happened = replace(event(e.IntentStarted()), at=moment)

        found = UUID(json.loads(leaf_of_event(ABOUT, happened, "{}").leaf)["event_id"])

        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
        milliseconds = since // timedelta(milliseconds=1)
        assert found.int >> 80 == milliseconds
        assert (found.version, found.variant) == (7, "specified in RFC 4122")

    def test_of_the_same_words_commits_otherwise_each_time(self) -> None:
        body = e.TaskCommented(task_id=TaskId("task_1"), text="yes")
        found = [json.loads(written(body).leaf) for _ in range(50)]

        assert len({leaf["commitments"]["text"] for leaf in found}) == 50
        assert len({leaf["event_id"] for leaf in found}) == 50

    def test_of_another_thread_or_a_forked_process_has_chance_of_its_own(self) -> None:
        fork = get_context("fork")
        found = [_id_and_salt()]
        with ThreadPoolExecutor(2) as threads, ProcessPoolExecutor(2, mp_context=fork) as forked:
            for pool in (threads, forked):
                found += [each.result() for each in [pool.submit(_id_and_salt) for _ in range(20)]]
        found += [_id_and_salt() for _ in range(20)]

        assert len({event_id for event_id, _ in found}) == len({salt for _, salt in found}) == 61

    def test_leaves_out_what_is_not_there(self) -> None:
        body = e.TaskConcluded(
            task_id=TaskId("task_1"),
            outcome="approved",
            data=None,
            comment="",
            evidence=(),
            reason="answered",
        )

        leaf = leaf_of(body)

        assert leaf["commitments"].keys() == {"reason"}
        assert leaf["data"] == {"outcome": "approved"}
        assert "digests" not in leaf

    def test_is_written_with_its_row_unless_nothing_is_logged(self) -> None:
        told = fact(f.LogRead())

        assert json.loads(fact_record(told).leaf)["type"] == "log.read"
        assert fact_record(told, logged=False)[-2:] == ("", "")


def _id_and_salt() -> tuple[str, str]:
    found = written(e.TaskCommented(task_id=TaskId("task_1"), text="yes"))
    return json.loads(found.leaf)["event_id"][20:], found.salts


class TestWhatAnAuditorReadsOfAnApproval:
    """Without opening anything: the name of the action, who answered, and how sure that is."""

    @settings(max_examples=10)
    @given(values_of(e.TaskOpened))
    def test_the_action_by_name_and_digest(self, opened: e.TaskOpened) -> None:
        spec: JSONObject = {"action": {"name": "refund", "arguments": {"amount": 240}}}
        asked = replace(opened, ask=replace(opened.ask, type=TaskType.APPROVAL, spec=spec))

        leaf = leaf_of(asked)

        assert leaf["data"]["action"] == "refund"
        assert leaf["digests"]["action"] == digest({"name": "refund", "arguments": {"amount": 240}})

    def test_the_answer_with_its_credential_and_signature(self) -> None:
        signed = Signature(
            credential_id="cred", statement="{}", authenticator_data="a", client_data="c",
            signature="s",
        )  # fmt: skip
        body = e.TaskAnswered(
            task_id=TaskId("task_1"),
            seat=Actor(kind=ActorKind.PERSON, id="per_2", label="jonas@acme.test"),
            outcome="approved",
            stage=0,
            round=0,
            data={"arguments": 1},
            comment="looks right",
            evidence=(),
            view_digest="sha256:aa",
            channel="inbox",
            credential=Credential(
                strength=Strength.SIGNED,
                method="passkey",
                authenticated_at=MOMENT,
                signature=signed,
            ),
            answer_digest="sha256:bb",
            first_viewed_at=MOMENT - timedelta(seconds=90),
        )

        leaf = leaf_of(body)

        assert leaf["digests"] == {"view": "sha256:aa", "answer": "sha256:bb"}
        assert leaf["commitments"].keys() == {"data", "comment"}
        assert leaf["data"] == {
            "outcome": "approved",
            "stage": 0,
            "round": 0,
            "channel": "inbox",
            "seat": "per_2",
            "first_viewed_at": rfc3339(MOMENT - timedelta(seconds=90)),
            "dwell_us": 90_000_000,
            "credential": {
                "strength": "signed",
                "method": "passkey",
                "provider": "local",
                "authenticated_at": rfc3339(MOMENT),
                "signature": {
                    "credential_id": "cred",
                    "authenticator_data": "a",
                    "client_data": "c",
                    "signature": "s",
                },
            },
        }


class _Salts(dict[str, bytes]):
    """The same salt for whatever is committed to."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> bytes:
        return b"salt"


def _paths(body: Any, before: str = "") -> Iterator[str]:
    """Every field, those of the parts that are split up by their own names."""
    for each in fields(body):
        path = f"{before}{each.name}"
        value = getattr(body, each.name)
        if is_dataclass(value) and (path in _OPENED_UP or isinstance(value, Actor)):
            yield from _paths(value, f"{path}.")
        else:
            yield path


def _with(body: Any, other: Any, path: list[str]) -> Any:
    """The body with what the other one has there; None where that one has no such part."""
    name, *rest = path
    found = getattr(other, name)
    if rest:
        found = None if found is None else _with(getattr(body, name), found, rest)
        if found is None:
            return None
    return replace(body, **{name: found})


def _said(body: Any, path: str) -> Any:
    """What the stored body says there; there is no telling one emptiness from another."""
    text = _text_at(encode_body(body), tuple(path.split(".")))
    return "null" if text in ('""', "[]", "{}") else text


def _text_at(text: str, path: tuple[str, ...]) -> str:
    """The text of a value inside JSON text without spaces, found by reading up to it."""
    decoder = json.JSONDecoder()
    position = 1
    while text[position] != "}":
        key, after = decoder.raw_decode(text, position)
        _, end = decoder.raw_decode(text, after + 1)
        if key == path[0]:
            value = text[after + 1 : end]
            return value if len(path) == 1 else _text_at(value, path[1:])
        position = end + (text[end] == ",")
    raise AssertionError(f"there is no {path} in {text}")
