"""What is erased is gone from all that is stored; what is in the leaf stays, and can be checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signoff.core import commands as c
from signoff.core.events import BODIES
from signoff.core.facts import (
    FACTS,
    AttemptRefused,
    Erased,
    Fact,
    FactBody,
    HoldPlaced,
    KeyMade,
    NoticeFailed,
    PersonAdded,
)
from signoff.core.provenance import Custody
from signoff.core.routing import Actor
from signoff.core.words import IntentId
from signoff.engine.log.blanks import ERASED, blanked
from signoff.engine.log.erasing import NAMED, Order, erasable, erase, erase_person
from signoff.engine.log.plans import slices
from signoff.engine.log.ports import Erasable, Hold, Rewrite, StoredEvent, StoredFact
from signoff.engine.log.rebuild import event_differs, fact_differs
from signoff.engine.records import (
    EventRecord,
    FactRecord,
    encode_body,
    event_record,
    fact_record,
    read_task,
)
from signoff.errors import IllegalMove, UnderHold
from tests.core.story import ADMIN, AGENT, INTENT, JONAS, MARA, START, TASK, Story, submit
from tests.engine.marking import labels, marked, marks
from tests.engine.values import values_of

EVERY: Mapping[str, Any] = {**BODIES, **FACTS}
every_type = pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY.keys())

STRUCTURES = {"ask.stages", "ask.ladder", "ask.watchers", "opening"} | {
    *("to", "who", "stand_ins", "stand_in"),
}
"""Committed values that keep their shape, because the rules read them when they replay."""

SECRET = "Zoë Müller"

ASKS: Mapping[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "approval": (
        {"action": {"name": "refund", "arguments": {"to": SECRET}}, "editable": ["to"]},
        "approved",
        {"data": {"arguments": {"to": f"{SECRET} the second"}}},
    ),
    "review": ({"content": f"Dear {SECRET}", "revisions": 1}, "approved", {}),
    "confirmation": (
        {"statement": f"{SECRET} was called", "phrase": SECRET},
        "confirmed",
        {"data": {"phrase": SECRET}},
    ),
    "assignment": ({"candidates": [SECRET, "b"]}, "assigned", {"data": {"assignee": SECRET}}),
    "form": (
        {"schema": {"type": "object", "title": SECRET}, "initial": {"name": SECRET}},
        "submitted",
        {"data": {"name": SECRET}},
    ),
    "clarification": (
        {"question": f"{SECRET}?", "choices": [SECRET, "no"]},
        "answered",
        {"data": SECRET},
    ),
    "manual_action": (
        {"instructions": f"Call {SECRET}", "checklist": [SECRET]},
        "completed",
        {"data": {"done": [SECRET]}, "evidence": [SECRET]},
    ),
    "override": (
        {"reason": f"{SECRET} waits"},
        "overridden",
        {"data": {"action": "replace", "result": {"for": SECRET}}},
    ),
}


def decided(kind: str = "approval") -> Story:
    """An intent that is over: everything in it that people and agents wrote names somebody."""
    asked, outcome, said = ASKS[kind]
    story = Story().asking(
        type=kind,
        title=f"About {SECRET}",
        description=f"{SECRET} asked for it",
        intent={
            "title": f"For {SECRET}",
            "payload": {"customer": SECRET},
            "custody": Custody(subject=f"customer:{SECRET}", retention_class="short"),
        },
        **asked,
    )
    story.do(c.CommentTask(actor=MARA.actor, task_id=TASK, text=f"Who is {SECRET}?"))
    story.answered(outcome, comment=f"{SECRET} may have it", **said)
    assert story.intent.terminal
    return story


def erasable_of(
    story: Story, facts: Sequence[Fact] = (), *, logged: bool = True, **said: Any
) -> Erasable:
    custody = story.intent.custody or Custody()
    given: dict[str, Any] = {
        "workspace": story.intent.workspace,
        "intent_id": INTENT,
        "live": not story.intent.terminal,
        "subject": custody.subject,
        "retention_class": custody.retention_class,
        "events": [
            stored_event(event_record(story.intent, each, logged=logged)) for each in story.history
        ],
        "facts": [stored_fact(fact_record(each, logged=logged)) for each in facts],
        "holds": (),
    }
    return Erasable(**{**given, **said})


def stored_event(row: EventRecord) -> StoredEvent:
    known = {key: value for key, value in row._asdict().items() if key in StoredEvent.__slots__}
    return StoredEvent(**known, erased=())


def stored_fact(row: FactRecord) -> StoredFact:
    known = {key: value for key, value in row._asdict().items() if key in StoredFact.__slots__}
    return StoredFact(**known, erased=())


def order(*fields: str, words: Mapping[str, str] | None = None) -> Order:
    return Order(fields=frozenset(fields) or None, tell=told, words=words)


def told(entries: int) -> Fact:
    return fact(Erased(scope="intent", intents=1, entries=entries, reason=SECRET), by=ADMIN)


def fact(body: FactBody, *, by: Actor = MARA.actor, intent_id: IntentId | None = INTENT) -> Fact:
    return Fact(
        workspace=submit().workspace,
        id=f"fact_{body.type}",
        at=START,
        actor=by,
        body=body,
        intent_id=intent_id,
    )


def applied(found: Erasable, rewrite: Rewrite) -> Erasable:
    """What is stored after the rewrite."""
    events = {each.seq: each for each in (*found.events, *rewrite.events)}
    facts = {each.id: each for each in (*found.facts, *rewrite.facts)}
    return replace(found, events=list(events.values()), facts=list(facts.values()))


def everything(found: Erasable, rewrite: Rewrite) -> str:
    """All text that is stored about the intent after the rewrite."""
    after = applied(found, rewrite)
    parts = [each.data + each.actor + each.leaf for each in after.events]
    parts += [each.data + each.actor + each.leaf for each in after.facts]
    parts += [text for text in (rewrite.intent or {}).values() if text is not None]
    return "\n".join([*parts, *(rewrite.tasks or {}).values()])


def differences(found: Erasable) -> list[str]:
    """How leaves do not follow from what is stored beside them."""
    differing = [
        event_differs(
            EventRecord(
                workspace=found.workspace,
                intent_id=found.intent_id,
                **{name: getattr(each, name) for name in EventRecord._fields[2:]},
            ),
            AGENT.id,
            each.erased,
        )
        for each in found.events
    ]
    differing += [
        fact_differs(
            FactRecord(
                workspace=found.workspace,
                **{name: getattr(each, name) for name in FactRecord._fields[1:]},
            ),
            each.erased,
        )
        for each in found.facts
    ]
    return [each for each in differing if each is not None]


class TestWhateverIsErased:
    @every_type
    @settings(max_examples=10)
    @given(data=st.data())
    def test_is_gone_and_the_body_can_still_be_read(self, kind: Any, data: st.DataObject) -> None:
        body = marked(data.draw(values_of(kind)))
        there = list(slices(kind.type, encode_body(body)))

        left = blanked(encode_body(body), there)

        msgspec.json.decode(left, type=kind)
        for name in there:
            value = _at(left, name)
            if name in STRUCTURES:
                known = {each for each in labels(value) if marks(each)}
                assert known <= set(_ids(value)) | set(_roles(value))
            else:
                assert not marks(json.dumps(_values(value) if name == "ask.spec" else value))
        assert blanked(left, there) == left

    @pytest.mark.parametrize("kind", ASKS)
    def test_nothing_of_it_is_left_in_any_type_of_task(self, kind: str) -> None:
        refused = fact(AttemptRefused(command="x", code="y", channel="api", message=SECRET))
        found = erasable_of(decided(kind), [refused])

        rewrite = erase(found, order())

        assert SECRET in json.dumps([each.data for each in found.events], ensure_ascii=False)
        assert SECRET not in everything(found, rewrite)
        assert "Müller" not in everything(found, rewrite)
        assert not any(each.salts for each in applied(found, rewrite).events)

    @pytest.mark.parametrize("kind", ASKS)
    def test_who_decided_what_and_when_stays(self, kind: str) -> None:
        story = decided(kind)

        rewrite = erase(erasable_of(story), order())

        assert rewrite.tasks is not None
        before, after = story.task, read_task(rewrite.tasks[TASK])
        assert before.decision is not None
        assert after.decision is not None
        assert after.decision.outcome == before.decision.outcome
        assert (after.decision.by, after.decision.at) == (before.decision.by, before.decision.at)
        assert after.decision.strength == before.decision.strength
        assert (after.state, after.votes, after.closed_at) == (
            before.state,
            before.votes,
            before.closed_at,
        )
        assert (after.ask.title, after.ask.type, after.ask.risk) == (
            ERASED,
            before.ask.type,
            before.ask.risk,
        )

    @pytest.mark.parametrize("kind", ASKS)
    def test_every_leaf_stays_and_follows_from_what_is_left(self, kind: str) -> None:
        found = erasable_of(decided(kind), [fact(_refused(SECRET))])

        after = applied(found, erase(found, order()))

        assert [each.leaf for each in after.events] == [each.leaf for each in found.events]
        assert [each.leaf for each in after.facts] == [each.leaf for each in found.facts]
        assert differences(found) == differences(after) == []

    def test_the_log_is_told_how_much_without_saying_why(self) -> None:
        found = erasable_of(decided())

        rewrite = erase(found, order())

        (said,) = rewrite.facts_added
        assert isinstance(said.body, Erased)
        assert said.body.entries == len(rewrite.events) > 3
        assert SECRET not in fact_record(said).leaf

    def test_a_second_time_nothing_changes_and_nothing_is_told(self) -> None:
        found = erasable_of(decided(), [fact(_refused(SECRET))])
        once = applied(found, erase(found, order()))

        assert erase(once, order()) == Rewrite()
        assert erasable(once, None) == []

    def test_what_is_older_than_the_log_is_erased_as_well(self) -> None:
        found = erasable_of(decided(), logged=False)

        rewrite = erase(found, order())

        assert SECRET not in everything(found, rewrite)
        assert erase(applied(found, rewrite), order()) == Rewrite()

    def test_why_something_was_erased_or_held_is_kept(self) -> None:
        placed = HoldPlaced(
            hold_id="h", scope="intent", retention_class=None, subject=None, reason="court"
        )
        found = erasable_of(decided(), [fact(placed), told(1)])

        assert erase(found, order()).facts == []


class TestOneField:
    @pytest.mark.parametrize("name", ["comment", "ask.title", "title"])
    def test_goes_alone(self, name: str) -> None:
        found = erasable_of(decided())

        rewrite = erase(found, order(name))

        gone = {each for event in rewrite.events for each in event.erased}
        assert gone == {
            "comment": {"comment"},
            "ask.title": {"ask.title"},
            "title": {"title", "ask.title"},
        }.get(name)
        after = applied(found, rewrite)
        assert differences(after) == []
        for before, event in zip(found.events, after.events, strict=True):
            kept, had = (json.loads(each.salts or "{}") for each in (event, before))
            assert kept == {k: salt for k, salt in had.items() if k not in event.erased}
        assert SECRET in everything(found, rewrite)

    def test_that_nothing_has_is_no_erasure(self) -> None:
        assert erase(erasable_of(decided()), order("no_such")) == Rewrite()

    def test_goes_and_later_the_rest_does(self) -> None:
        found = erasable_of(decided())
        partly = applied(found, erase(found, order("comment")))

        rewrite = erase(partly, order())

        assert SECRET not in everything(partly, rewrite)
        assert differences(applied(partly, rewrite)) == []


class TestNothingIsErased:
    @pytest.mark.parametrize(
        ("scope", "target"),
        [
            ("workspace", ""),
            ("intent", INTENT),
            ("retention", "short"),
            ("subject", f"customer:{SECRET}"),
        ],
    )
    @pytest.mark.parametrize("words", [None, {MARA.email: MARA.id}], ids=["all", "person"])
    def test_while_a_hold_covers_it(self, scope: str, target: str, words: Any) -> None:
        found = erasable_of(decided(), holds=[_hold(scope, target)])

        with pytest.raises(UnderHold, match="hold_1"):
            erase(found, order(words=words))

    @pytest.mark.parametrize(
        ("scope", "target"), [("intent", "int_2"), ("retention", "long"), ("subject", "x")]
    )
    def test_but_of_what_a_hold_does_not_cover(self, scope: str, target: str) -> None:
        assert erase(erasable_of(decided(), holds=[_hold(scope, target)]), order()).events

    def test_of_what_is_still_running(self) -> None:
        found = erasable_of(Story().asking())

        with pytest.raises(IllegalMove, match="still running"):
            erase(found, order())


class TestAPerson:
    WORDS: Mapping[str, str] = {"mara@acme.test": "per_mara", "mara@home.test": "per_mara"}

    def test_is_an_id_wherever_they_are_named(self) -> None:
        story = Story().asking(
            handled=True,
            chain=[{"who": [MARA.email, JONAS.email], "need": 2}],
            intent={"title": "Ask Mara@Acme.test, or <mara@home.test>."},
        )
        story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
        story.answered("approved", comment="(mara@acme.test)")
        found = erasable_of(story, [fact(_refused("mara@acme.test is not asked"), by=JONAS.actor)])

        rewrite = erase(found, order(words=self.WORDS))

        text = everything(found, rewrite)
        assert "mara@" not in text.lower()
        assert "Ask per_mara, or <per_mara>." in text
        assert JONAS.email in text
        assert differences(applied(found, rewrite)) == []
        assert erase(applied(found, rewrite), order(words=self.WORDS)) == Rewrite()

    def test_is_forgotten_while_the_task_goes_on(self) -> None:
        story = Story().asking(handled=True, chain=[{"who": [MARA.email, JONAS.email], "need": 2}])
        story.answered("approved")
        rewrite = erase(erasable_of(story), order(words=self.WORDS))
        assert rewrite.tasks is not None

        task = read_task(rewrite.tasks[TASK])

        assert [vote.by.id for vote in task.votes] == [MARA.id]
        assert [vote.by.label for vote in task.votes] == [MARA.id]
        assert task.asked.who == (replace(MARA.selector, label=MARA.id), JONAS.selector)
        assert task.view_digest == story.task.view_digest
        state = replace(story.intent, tasks={TASK: task})
        assert Story(state=state, now=story.now).answered("approved", JONAS)

    def test_takes_no_other_address_along(self) -> None:
        others = "tamara@acme.test x.mara@acme.test mara@acme.test.de mara@acme.tests"
        story = Story().submit(handled=True, title=f"{others}, mara@acme.test.")

        rewrite = erase(erasable_of(story), order(words=self.WORDS))

        assert rewrite.intent is not None
        assert rewrite.intent["title"] == f"{others}, per_mara."

    def test_leaves_in_the_body_what_is_in_the_leaf_for_ever(self) -> None:
        story = Story().submit(handled=True)
        story.do(c.RecordStep(actor=AGENT, name="mail mara@acme.test", kind="step", output=None))
        found = erasable_of(story)

        after = applied(found, erase(found, order(words=self.WORDS)))

        assert differences(after) == []

    def test_is_gone_from_a_text_of_which_the_rest_is_erased_later(self) -> None:
        story = Story().submit(title=f"mara@acme.test and {SECRET}")
        story.do(c.CancelIntent(actor=AGENT, reason="over"))
        found = erasable_of(story)
        named = applied(found, erase(found, order(words=self.WORDS)))

        rewrite = erase(named, order())

        assert SECRET not in everything(named, rewrite)

    def test_is_gone_from_what_is_said_of_them_beside_the_intents(self) -> None:
        added = PersonAdded(
            person_id=MARA.id, roles=("r",), groups=(), after="d", email=MARA.email, name="Mara"
        )
        made = KeyMade(key_id="k", kind="person", agent=None, person_id=MARA.id, label="Mara's")
        other = KeyMade(key_id="k", kind="person", agent=None, person_id=JONAS.id, label="mine")
        facts = [
            stored_fact(fact_record(fact(body, by=by, intent_id=None)))
            for body, by in ((added, ADMIN), (made, MARA.actor), (other, MARA.actor))
        ]

        rewrite = erase_person(facts, MARA.id, order(words=self.WORDS))

        assert [each.erased for each in rewrite.facts] == [
            ("email", "name", "after"),
            ("label", NAMED),
            (NAMED,),
        ]
        text = "".join(each.data + each.actor for each in rewrite.facts)
        assert "mara@" not in text
        assert "Mara" not in text
        assert "mine" in text
        assert [each.leaf for each in rewrite.facts] == [each.leaf for each in facts]
        assert len(rewrite.facts_added) == 1

    def test_is_told_of_even_where_nothing_names_them_but_once(self) -> None:
        first = erase_person([], MARA.id, order(words=self.WORDS))
        about = Erased(scope="person", intents=0, entries=0, person_id=MARA.id, reason="left")
        already = stored_fact(fact_record(fact(about, by=ADMIN, intent_id=None)))

        again = erase_person([already], MARA.id, order(words=self.WORDS))

        assert len(first.facts_added) == 1
        assert again == Rewrite()

    def test_is_left_in_the_facts_of_an_intent_to_its_own_erasure(self) -> None:
        failed = NoticeFailed(
            notice_id="n", person_id=MARA.id, channel="mail", reason="opened", detail=MARA.email
        )
        facts = [stored_fact(fact_record(fact(failed)))]

        assert erase_person(facts, MARA.id, order(words=self.WORDS)).facts == []


def _refused(message: str) -> AttemptRefused:
    return AttemptRefused(command="task.answer", code="not_asked", channel="api", message=message)


def _hold(scope: str, target: str) -> Hold:
    return Hold(
        workspace=submit().workspace,
        id="hold_1",
        scope=scope,
        target=target,
        reason="court",
        placed_by="key_admin",
        placed_at=START,
    )


def _at(text: str, name: str) -> Any:
    value = json.loads(text)
    for key in name.split("."):
        value = value[key]
    return value


def _values(spec: Mapping[str, Any]) -> list[Any]:
    """What a spec says; its keys are our own words."""
    return list(spec.values())


def _ids(value: Any) -> list[str]:
    match value:
        case dict():
            own = [value[key] for key in ("id", "value") if isinstance(value.get(key), str)]
            return own + [each for inner in value.values() for each in _ids(inner)]
        case list():
            return [each for inner in value for each in _ids(inner)]
        case _:
            return []


def _roles(value: Any) -> list[str]:
    """Labels of roles and groups, which say nothing of anybody."""
    match value:
        case {"kind": "role" | "group", "label": str(label)}:
            return [label]
        case dict():
            return [each for inner in value.values() for each in _roles(inner)]
        case list():
            return [each for inner in value for each in _roles(inner)]
        case _:
            return []
