"""An answer needs as strong a credential as its task asks for; a signature is over that answer."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.credential import UNSAID, Credential, Signature, Strength, statement
from signoff.core.provenance import Custody, Provenance
from signoff.core.task import RawAnswer, answer_digest, digest
from signoff.errors import CredentialTooWeak, IllegalMove, InvalidTask, StaleView
from tests.core.story import JONAS, MARA, TASK, Story, answer

SIGNATURE = Signature(
    credential_id="cred", statement="", authenticator_data="a", client_data="c", signature="s"
)


def credential(strength: Strength, **more: Any) -> Credential:
    return Credential(strength=strength, method="test", **more)


def signed(story: Story, outcome: str = "approved", **otherwise: str) -> Credential:
    """A signature over what Mara is about to say, but for what is said otherwise."""
    said = {
        "workspace": story.intent.workspace,
        "task_id": TASK,
        "outcome": outcome,
        "answer_digest": answer_digest(RawAnswer(outcome=outcome), None),
        "view_digest": story.task.view_digest,
    }
    text = statement(**{**said, **otherwise})
    return credential(Strength.SIGNED, signature=replace(SIGNATURE, statement=text))


def with_credential(given: Credential, outcome: str = "approved") -> c.AnswerTask:
    return replace(answer(outcome), credential=given)


@pytest.mark.parametrize(("given", "needed"), list(product(Strength, Strength)))
def test_each_strength_stands_for_those_before_it(given: Strength, needed: Strength) -> None:
    order = ["link", "key", "session", "mfa", "signed"]

    assert [each.value for each in Strength] == order
    assert given.reaches(needed) is (order.index(given) >= order.index(needed))


@pytest.mark.parametrize("needed", ["key", "session", "mfa", "signed"])
def test_a_weaker_credential_answers_nothing(needed: str) -> None:
    story = Story().asking(credential=needed)
    weaker = [each for each in Strength if not each.reaches(Strength(needed))]

    for given in weaker:
        error = story.refuses(with_credential(credential(given)), CredentialTooWeak)
        assert error.about == {"needed": needed, "given": given.value}


@pytest.mark.parametrize("needed", ["link", "key", "session", "mfa"])
def test_as_strong_a_one_does(needed: str) -> None:
    given = credential(Strength(needed))
    story = Story().asking(credential=needed)

    (answered, *_) = story.do(with_credential(given))

    assert isinstance(answered.body, e.TaskAnswered)
    assert answered.body.credential == given


def test_who_is_not_asked_is_told_that_and_not_what_credential_to_bring() -> None:
    story = Story().asking(credential="mfa")

    with pytest.raises(Exception, match="is not asked"):
        story.do(answer("approved", JONAS))


def test_a_task_that_says_nothing_takes_any() -> None:
    story = Story().asking()

    story.do(with_credential(UNSAID))

    assert story.task_state == "concluded"
    assert story.task.decision is not None
    assert story.task.decision.strength is Strength.LINK


def test_a_strength_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidTask) as refused:
        Story().asking(credential="blood")

    assert "credential" in str(refused.value.errors)


class TestASignature:
    def test_over_this_very_answer_is_taken(self) -> None:
        story = Story().asking(credential="signed")

        story.do(with_credential(signed(story)))

        assert story.task.decision is not None
        assert story.task.decision.strength is Strength.SIGNED

    @pytest.mark.parametrize(
        "part", ["workspace", "task_id", "outcome", "answer_digest", "view_digest"]
    )
    def test_over_anything_else_is_not(self, part: str) -> None:
        story = Story().asking()

        story.refuses(with_credential(signed(story, **{part: "other"})), StaleView)

    def test_over_a_refusal_approves_nothing(self) -> None:
        story = Story().asking()

        story.refuses(with_credential(signed(story, "rejected")), StaleView)

    def test_over_an_earlier_round_is_stale(self) -> None:
        story = Story().asking(type="review", content="v1", revisions=1, handled=True)
        early = signed(story)
        story.answered("changes_requested", comment="shorter")
        story.do(c.ReviseTask(actor=story.intent.submitted_by, task_id=TASK, content="v2"))

        story.refuses(with_credential(early), StaleView)

    def test_must_be_there_where_an_answer_counts_as_signed(self) -> None:
        story = Story().asking()

        story.refuses(with_credential(credential(Strength.SIGNED)), IllegalMove)


def test_a_statement_is_canonical_json() -> None:
    text = statement(
        workspace="default/main",
        task_id="tsk_1",
        outcome="approved",
        answer_digest="sha256:aa",
        view_digest="sha256:bb",
    )

    assert text == (
        '{"answer":"sha256:aa","outcome":"approved","task":"tsk_1",'
        '"type":"signoff.answer/v1","view":"sha256:bb","workspace":"default/main"}'
    )
    assert json.loads(text)["type"] == "signoff.answer/v1"


def test_the_answer_is_known_by_the_digest_of_what_was_judged() -> None:
    story = Story().asking(
        type="approval",
        action={"name": "refund", "arguments": {"amount": 240}},
        editable=["amount"],
    )
    said = answer("approved", data={"arguments": {"amount": 200}}, comment="less", evidence=["1"])

    (answered, *_) = story.do(said)

    assert isinstance(answered.body, e.TaskAnswered)
    assert answered.body.answer_digest == digest(
        {
            "outcome": "approved",
            "data": answered.body.data,
            "comment": "less",
            "evidence": [{"kind": "reference", "value": "1"}],
        }
    )


def test_when_a_task_was_first_seen_is_on_record_with_the_answer() -> None:
    story = Story().asking()
    seen = story.now
    story.wait(minutes=2)

    (answered, *_) = story.do(replace(answer("approved", MARA), first_viewed_at=seen))

    assert isinstance(answered.body, e.TaskAnswered)
    assert answered.body.first_viewed_at == seen


def test_where_an_intent_comes_from_and_how_it_is_kept_stays_with_it() -> None:
    provenance = Provenance(model_name="m", purpose="refund")
    custody = Custody(subject="customer:1", categories=("contact",), retention_class="short")

    story = Story().submit(provenance=provenance, custody=custody)

    assert (story.intent.provenance, story.intent.custody) == (provenance, custody)
    submitted = story.history[0].body
    assert isinstance(submitted, e.IntentSubmitted)
    assert (submitted.provenance, submitted.custody) == (provenance, custody)
