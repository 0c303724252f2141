"""Every type of task is rendered, and answered by posting its form as a browser without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from signoff.core.task import Decision
from signoff.core.words import TaskState
from tests.inbox.browser import Browser, Page
from tests.inbox.world import World

REFUND = {"name": "refund", "arguments": {"amount": 240, "customer": "cus_123"}}


async def opened(world: World, kind: str, **fields: Any) -> tuple[str, Browser, Page]:
    task_id = await world.ask(kind, **fields)
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert page.status == 200
    return task_id, browser, page


async def decided(world: World, task_id: str) -> Decision:
    task = await world.task(task_id)
    assert task.decision is not None
    return task.decision


EVERY_OUTCOME: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("approval", {"action": REFUND}, {"Approve": "approved", "Reject": "rejected"}),
    (
        "review",
        {"content": "Dear customer"},
        {
            "Approve": "approved",
            "Request changes": "changes_requested",
            "Reject": "rejected",
        },
    ),
    ("confirmation", {}, {"Confirm": "confirmed", "Deny": "denied"}),
    (
        "assignment",
        {"candidates": ["group:billing", "group:sales"]},
        {"Assign": "assigned", "Decline": "declined"},
    ),
    ("form", {"initial": {"amount": 240}}, {"Submit": "submitted", "Decline": "declined"}),
    (
        "clarification",
        {"choices": ["now", "later"]},
        {"Send answer": "answered", "Decline": "declined"},
    ),
    ("manual_action", {}, {"Mark as done": "completed", "Could not be done": "failed"}),
    (
        "override",
        {"reason": "It loops"},
        {"Take over": "overridden", "Refuse the takeover": "refused"},
    ),
]


@pytest.mark.parametrize(
    ("kind", "fields", "button", "outcome"),
    [(t, f, button, outcome) for t, f, o in EVERY_OUTCOME for button, outcome in o.items()],
)
async def test_every_outcome_of_every_type_is_one_button(
    world: World, kind: str, fields: dict[str, Any], button: str, outcome: str
) -> None:
    task_id, browser, page = await opened(world, kind, **fields)
    if kind == "assignment":
        page.tick("group:billing")
    if kind == "clarification":
        page.tick("later")
    page.fill("Justification" if kind == "override" else "Comment", "Because I say so")

    page = await browser.press(page, button)

    assert page.status == 200
    decision = await decided(world, task_id)
    assert decision.outcome == outcome
    assert decision.by.label == "mgr@acme.test"
    assert decision.comment == "Because I say so"
    assert "Because I say so" in page.text
    assert page.root.by_id("h-end").text.startswith(outcome.replace("_", " ").capitalize())
    assert not page.root.all("form", id="decide")


async def test_an_approval_shows_the_typed_action_before_the_agents_words(world: World) -> None:
    _, _, page = await opened(
        world, "approval", action=REFUND, description="Trust me, it is only 2 EUR."
    )

    sections = [node.text for node in page.root.all("h2")]
    assert sections.index("What will run") < sections.index("The agent's words, unverified")
    action = page.section("h-action")
    assert action.classed("action")[0].text == "refund"
    assert [node.text for node in action.all("dt")] == ["amount", "customer"]
    assert [node.text for node in action.all("dd")] == ["240", "cus_123"]


async def test_a_button_says_what_will_happen_with_names_and_amounts(world: World) -> None:
    _, _, page = await opened(world, "approval", action=REFUND)

    said = page.root.by_id("o-approved").text
    assert said == "refunds may run refund (amount 240, customer cus_123) once, exactly as shown."
    assert page.button("Approve").attrs["aria-describedby"] == "o-approved"
    assert page.root.by_id("o-rejected").text == "refund does not run. refunds is told rejected."


async def test_an_approval_without_an_action_says_so(world: World) -> None:
    _, _, page = await opened(world, "approval")

    assert "This request names no action." in page.text


async def test_what_was_submitted_is_shown_where_the_task_shows_little(world: World) -> None:
    _, _, page = await opened(world, "approval", payload={"order": 4721, "note": "<b>urgent</b>"})

    submitted = page.section("h-submitted")
    assert "by the agent, unverified" in submitted.text
    assert "4721" in submitted.text
    assert "<b>urgent</b>" in submitted.text


async def test_what_the_action_shows_already_is_not_shown_twice(world: World) -> None:
    _, _, page = await opened(world, "approval", action=REFUND, payload=REFUND["arguments"])

    assert not page.root.all(id="h-submitted")


async def test_edited_arguments_are_what_is_approved(world: World) -> None:
    schema = {
        "type": "object",
        "properties": {
            "amount": {"type": "number", "maximum": 500},
            "customer": {"type": "string"},
        },
        "required": ["amount", "customer"],
    }
    task_id, browser, page = await opened(
        world, "approval", action={**REFUND, "schema": schema}, editable=True
    )

    page = await browser.press(page.fill("Amount", "200"), "Approve")

    assert (await decided(world, task_id)).data == {
        "arguments": {"amount": 200, "customer": "cus_123"},
        "edited": True,
        "original": {"amount": 240, "customer": "cus_123"},
    }
    ending = page.section("h-end")
    assert "Approved with changes" in ending.text
    assert [node.text for node in ending.all("del")] == ["Asked: 240"]
    assert [node.text for node in ending.all("ins")] == ["Approved: 200"]


async def test_arguments_nobody_touched_are_not_an_edit(world: World) -> None:
    task_id, browser, page = await opened(world, "approval", action=REFUND, editable=True)

    await browser.press(page, "Approve")

    assert (await decided(world, task_id)).data is None


async def test_an_edit_the_actions_schema_refuses_is_shown_beside_its_field(world: World) -> None:
    schema = {"type": "object", "properties": {"amount": {"type": "number", "maximum": 500}}}
    task_id, browser, page = await opened(
        world, "approval", action={**REFUND, "schema": schema}, editable=True
    )

    page = await browser.press(page.fill("Amount", "900"), "Approve")

    assert page.status == 422
    assert "500" in page.root.by_id(page.control("Amount").attrs["id"] + "-error").text
    assert page.shown_in("Amount") == "900"
    assert (await world.task(task_id)).decision is None


async def test_high_risk_is_confirmed_with_a_phrase_typed_by_hand(world: World) -> None:
    task_id, browser, page = await opened(world, "confirmation", risk="high")
    assert "Type exactly: I confirm" in page.text

    page = await browser.press(page.fill("Type the phrase", "i confirm"), "Confirm")
    assert page.status == 422
    assert (await world.task(task_id)).decision is None

    await browser.press(page.fill("Type the phrase", "I confirm"), "Confirm")
    assert (await decided(world, task_id)).data == {"phrase": "I confirm"}


async def test_denying_needs_no_phrase(world: World) -> None:
    task_id, browser, page = await opened(world, "confirmation", risk="high")

    await browser.press(page, "Deny")

    assert (await decided(world, task_id)).outcome == "denied"


@pytest.mark.parametrize("many", [False, True])
async def test_an_owner_is_picked_among_the_candidates(world: World, many: bool) -> None:
    candidates = [f"group:team-{n}" for n in range(12 if many else 3)]
    task_id, browser, page = await opened(world, "assignment", candidates=candidates)

    if many:
        page.choose("Who takes it?", "group:team-2")
    else:
        page.tick("group:team-2")
    await browser.press(page, "Assign")

    assert (await decided(world, task_id)).data == {"assignee": "group:team-2"}


async def test_an_assignment_without_candidates_takes_a_name(world: World) -> None:
    task_id, browser, page = await opened(world, "assignment")

    await browser.press(page.fill("Who takes it?", "ops@acme.test"), "Assign")

    assert (await decided(world, task_id)).data == {"assignee": "ops@acme.test"}


async def test_a_form_is_filled_in_and_comes_back_typed(world: World) -> None:
    task_id, browser, page = await opened(world, "form", schema=EVERYTHING)

    page.fill("Amount", "12.5").fill("Pieces", "3").fill("Name", " Ada ").fill("Born", "1815-12-10")
    page.fill("Mail", "ada@acme.test").fill("Starts", "2026-11-24T10:30").tick("high")
    page.tick("sms").tick("post").fill("Codes", "a\n\n b \n").tick("Yes")
    page.fill("Street", "Main St").fill("Extra", '{"k": [1, null]}').tick("Bank transfer")
    page.fill("Sku", "X1")
    await browser.press(page, "Submit")

    assert (await decided(world, task_id)).data == {
        "amount": 12.5,
        "pieces": 3,
        "name": " Ada ",
        "born": "1815-12-10",
        "mail": "ada@acme.test",
        "starts": "2026-11-24T10:30:00Z",
        "level": "high",
        "channels": ["sms", "post"],
        "codes": ["a", "b"],
        "agreed": True,
        "address": {"street": "Main St"},
        "extra": {"k": [1, None]},
        "pay": "bank",
        "items": [{"sku": "X1"}],
        "nothing": None,
    }


EVERYTHING: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["amount", "pieces", "name", "agreed", "address", "nothing"],
    "properties": {
        "amount": {"type": "number"},
        "pieces": {"type": "integer", "minimum": 1},
        "name": {"type": "string"},
        "nick": {"type": "string"},
        "born": {"type": "string", "format": "date"},
        "mail": {"type": "string", "format": "email"},
        "starts": {"type": "string", "format": "date-time"},
        "level": {"enum": ["low", "high"]},
        "channels": {"type": "array", "items": {"enum": ["mail", "sms", "post"]}},
        "codes": {"type": "array", "items": {"type": "string"}},
        "agreed": {"type": "boolean"},
        "address": {"$ref": "#/$defs/Address"},
        "extra": {"type": "object"},
        "pay": {
            "oneOf": [
                {"const": "card", "title": "Card"},
                {"const": "bank", "title": "Bank transfer"},
            ]
        },
        "items": {
            "type": "array",
            "items": {"type": "object", "properties": {"sku": {"type": "string"}}},
        },
        "nothing": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "$defs": {
        "Address": {
            "type": "object",
            "required": ["street"],
            "properties": {"street": {"type": "string"}, "zip": {"type": "string"}},
        }
    },
}


async def test_a_form_without_a_schema_is_asked_for_as_json(world: World) -> None:
    task_id, browser, page = await opened(world, "form")

    await browser.press(page.fill("Your answer (JSON)", '{"ok": true}'), "Submit")

    assert (await decided(world, task_id)).data == {"ok": True}


async def test_a_form_starts_from_its_initial_values(world: World) -> None:
    start = {"amount": 240, "note": "two\nlines", "tags": ["a", "b"], "deep": {"x": [1, {"y": 2}]}}
    task_id, browser, page = await opened(world, "form", initial=start)

    await browser.press(page, "Submit")

    assert (await decided(world, task_id)).data == start


async def test_more_rows_are_added_without_losing_what_was_typed(world: World) -> None:
    rows = {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}}
    schema = {"type": "object", "properties": {"items": rows}}
    task_id, browser, page = await opened(world, "form", schema=schema)
    before = len(page.root.classed("row"))
    page.fill("Sku", "A")

    page = await browser.press(page, "Add more entries")

    assert page.status == 200
    assert len(page.root.classed("row")) == before + 3
    assert page.shown_in("Sku") == "A"
    assert (await world.task(task_id)).decision is None
    await browser.press(page, "Submit")
    assert (await decided(world, task_id)).data == {"items": [{"sku": "A"}]}


async def test_a_row_can_be_left_out(world: World) -> None:
    rows = {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}}
    schema = {"type": "object", "properties": {"items": rows}}
    start = {"items": [{"sku": "A"}, {"sku": "B"}]}
    task_id, browser, page = await opened(world, "form", schema=schema, initial=start)

    await browser.press(page.tick("Leave this entry out"), "Submit")

    assert (await decided(world, task_id)).data == {"items": [{"sku": "B"}]}


async def test_a_question_is_answered_in_words(world: World) -> None:
    task_id, browser, page = await opened(world, "clarification", question="Which account?")
    assert "Which account?" in page.text

    await browser.press(page.fill("Your answer", "The second one.\nThanks"), "Send answer")

    assert (await decided(world, task_id)).data == {"answer": "The second one.\nThanks"}


async def test_a_checklist_must_be_ticked_to_the_end(world: World) -> None:
    task_id, browser, page = await opened(
        world,
        "manual_action",
        instructions="Unplug it",
        checklist=["Pull the plug", "Wait"],
        evidence="required",
    )

    page = await browser.press(page.tick("Pull the plug"), "Mark as done")
    assert page.status == 422
    assert (await world.task(task_id)).decision is None

    page.tick("Wait").fill("Evidence", "https://photos.acme.test/1\nINC-77")
    await browser.press(page, "Mark as done")
    decision = await decided(world, task_id)
    assert decision.data == {"done": ["Pull the plug", "Wait"]}
    assert [(each.kind, each.value) for each in decision.evidence] == [
        ("link", "https://photos.acme.test/1"),
        ("reference", "INC-77"),
    ]


async def test_what_could_be_done_is_kept_where_the_rest_failed(world: World) -> None:
    task_id, browser, page = await opened(world, "manual_action", checklist=["One", "Two"])

    await browser.press(page.tick("One"), "Could not be done")

    decision = await decided(world, task_id)
    assert (decision.outcome, decision.data) == ("failed", {"done": ["One"]})


@pytest.mark.parametrize(
    ("pick", "label", "typed", "data"),
    [
        ("Stop the run", None, "", {"action": "stop"}),
        ("Replace its result", "Result (JSON)", "7", {"action": "replace", "result": 7}),
        (
            "Hand what is left",
            "Hand over to",
            "role:manager",
            {"action": "hand_over", "to": "role:manager"},
        ),
    ],
)
async def test_a_takeover_stops_replaces_or_hands_over(
    world: World, pick: str, label: str | None, typed: str, data: dict[str, Any]
) -> None:
    task_id, browser, page = await opened(world, "override", reason="It loops")
    page.tick(pick).fill("Justification", "It has spent enough")
    if label is not None:
        page.fill(label, typed)

    await browser.press(page, "Take over")

    assert (await decided(world, task_id)).data == data


async def test_evidence_can_be_added_to_any_answer(world: World) -> None:
    task_id, browser, page = await opened(world, "approval", action=REFUND)

    await browser.press(page.fill("Evidence", "INC-1"), "Approve")

    assert [each.value for each in (await decided(world, task_id)).evidence] == ["INC-1"]


async def test_an_approval_can_ask_for_data_too(world: World) -> None:
    schema = {
        "type": "object",
        "properties": {"cost_centre": {"type": "string"}},
        "required": ["cost_centre"],
    }
    task_id, browser, page = await opened(world, "approval", action=REFUND, schema=schema)

    await browser.press(page.fill("Cost centre", "C-9"), "Approve")

    assert (await decided(world, task_id)).data == {"cost_centre": "C-9"}


async def test_only_the_outcomes_asked_for_have_buttons(world: World) -> None:
    _, _, page = await opened(world, "review", outcomes=["approved", "rejected"])

    assert {"Approve", "Reject"} <= set(page.buttons())
    assert "Request changes" not in page.buttons()


async def test_pressing_enter_in_a_field_decides_nothing(world: World) -> None:
    """Browsers press the first button of a form then, so the first one is none of the answers."""
    task_id, browser, page = await opened(world, "assignment")
    page.fill("Who takes it?", "ops@acme.test")
    form = page.root.by_id("decide")
    first = form.all("button", type="submit")[0]

    page = await browser.press(page, first.text)

    assert page.status == 200
    assert page.alerts == ["Nothing is sent yet Choose one of the answers at the end of the page."]
    assert page.shown_in("Who takes it?") == "ops@acme.test"
    assert (await world.task(task_id)).decision is None


async def test_claiming_and_releasing(world: World) -> None:
    task_id, browser, page = await opened(world, "approval", action=REFUND)

    page = await browser.press(page, "Claim it")
    assert (await world.task(task_id)).state is TaskState.CLAIMED
    assert "You have claimed this task." in page.root.one("aside").text

    await browser.press(page, "Release it")
    assert (await world.task(task_id)).state is TaskState.OPEN


async def test_a_yes_in_the_middle_of_a_chain_says_what_it_is_to_and_who_is_next(
    world: World,
) -> None:
    await world.person("cfo@acme.test", roles=("finance",))
    _, _, page = await opened(
        world, "approval", action=REFUND, chain=["role:manager", "role:finance"]
    )

    said = page.root.by_id("o-approved").text
    assert said == (
        "Your yes to refund (amount 240, customer cus_123) is recorded; then role:finance is "
        "asked. refunds keeps waiting."
    )
    stages = page.root.one("aside").classed("steps")[0].all("li")
    assert [node.text for node in stages] == [
        "role:manager Asked now",
        "role:finance Asked after that",
    ]
