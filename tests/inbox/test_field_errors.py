"""What is wrong stands beside its field, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inbox.browser import Page
from tests.inbox.world import World

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["amount", "reason"],
    "properties": {
        "amount": {"type": "number", "maximum": 500},
        "reason": {"type": "string", "minLength": 10},
        "born": {"type": "string", "format": "date"},
        "level": {"enum": ["low", "high"]},
        "codes": {"type": "array", "items": {"type": "integer"}},
        "extra": {"type": "object"},
        "address": {
            "type": "object",
            "properties": {"zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
        },
    },
}


def error_beside(page: Page, label: str) -> str:
    """The message a control is described by."""
    control = page.control(label)
    assert control.attrs["aria-invalid"] == "true"
    described = control.attrs["aria-describedby"].split()
    return page.root.by_id(next(name for name in described if name.endswith("-error"))).text


async def form(world: World, **fields: Any) -> tuple[str, Any, Page]:
    task_id = await world.ask("form", schema=SCHEMA, **fields)
    browser = await world.signed_in("mgr@acme.test")
    return task_id, browser, await browser.open(f"/inbox/tasks/{task_id}")


async def test_every_error_is_said_at_once_beside_its_field(world: World) -> None:
    task_id, browser, page = await form(world, comment="required")
    page.fill("Amount", "a lot").fill("Codes", "1\nx").fill("Extra", "{nope")

    page = await browser.press(page, "Submit")

    assert page.status == 422
    assert "Enter a number" in error_beside(page, "Amount")
    assert "Fill this in." in error_beside(page, "Reason")
    assert "whole number" in error_beside(page, "Codes")
    assert "This is not JSON" in error_beside(page, "Extra")
    assert "Say why" in error_beside(page, "Comment")
    assert (await world.task(task_id)).decision is None


async def test_what_the_door_refuses_stands_beside_its_field_too(world: World) -> None:
    task_id, browser, page = await form(world)
    page.fill("Amount", "501").fill("Reason", "short").fill("Zip", "1234")

    page = await browser.press(page, "Submit")

    assert page.status == 422
    assert "500" in error_beside(page, "Amount")
    assert "short" in error_beside(page, "Reason")
    assert "1234" in error_beside(page, "Zip")
    assert (await world.task(task_id)).decision is None


async def test_everything_typed_is_still_there_after_an_error(world: World) -> None:
    _, browser, page = await form(world)
    typed = {
        "Amount": "1,000",
        "Reason": "\n  two\nlines & <b>",
        "Born": "1815-12-10",
        "Codes": "1\n2",
        "Extra": '{"a": 1,}',
        "Zip": "99",
        "Comment": " kept ",
        "Evidence": "INC-1\nINC-2",
    }
    for label, text in typed.items():
        page.fill(label, text)

    page = await browser.press(page.tick("high"), "Submit")

    assert page.status == 422
    assert {label: page.shown_in(label) for label in typed} == typed
    assert "checked" in page.control("high").attrs


async def test_the_summary_leads_to_every_field(world: World) -> None:
    _, browser, page = await form(world)

    page = await browser.press(page.fill("Extra", "{"), "Submit")

    (summary,) = page.root.all(role="alert")
    assert summary.one("h2").text == "Nothing was sent yet"
    targets = {a.attrs["href"].removeprefix("#") for a in summary.all("a")}
    assert targets == {page.control(label).attrs["id"] for label in ("Amount", "Reason", "Extra")}
    assert "autofocus" in summary.attrs
    assert page.root.one("title").text.startswith("Error: ")


async def test_an_error_in_a_row_stands_in_that_row(world: World) -> None:
    item = {"type": "object", "required": ["sku"], "properties": {"sku": {}, "n": {}}}
    item["properties"] = {"sku": {"type": "string"}, "n": {"type": "integer"}}
    schema = {"type": "object", "properties": {"items": {"type": "array", "items": item}}}
    start = {"items": [{"sku": "A", "n": 1}, {"sku": "B", "n": 2}]}
    task_id = await world.ask("form", schema=schema, initial=start)
    browser = await world.signed_in("mgr@acme.test")
    url, pairs = (await browser.open(f"/inbox/tasks/{task_id}")).sent_by("Submit")
    changed = [(name, "x" if name == "data.items.1.n" else value) for name, value in pairs]
    changed.append(("data.items.0~remove", "yes"))

    page = await browser.post(url, changed)

    assert page.status == 422
    (wrong,) = page.root.all("input", lambda each: each.attrs.get("aria-invalid") == "true")
    assert wrong.attrs["name"] == "data.items.1.n"
    assert wrong.attrs["value"] == "x"
    assert "checked" in page.root.one("input", name="data.items.0~remove").attrs


async def test_a_comment_is_demanded_where_the_outcome_needs_one(world: World) -> None:
    task_id = await world.ask("review", content="Draft")
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert "required to request changes or reject" in page.text

    page = await browser.press(page.fill("Comment", "  \n"), "Reject")

    assert page.status == 422
    assert "Say why" in error_beside(page, "Comment")
    assert (await world.task(task_id)).decision is None


@pytest.mark.parametrize(
    ("label", "text", "said"),
    [
        ("Comment", "x" * 20_001, "at most 20,000 characters"),
        ("Evidence", "x" * 2001, "at most 2,000 characters"),
        ("Evidence", "\n".join("x" for _ in range(51)), "At most 50 lines"),
    ],
)
async def test_the_limits_of_the_api_hold_here_too(
    world: World, label: str, text: str, said: str
) -> None:
    task_id = await world.ask()
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")

    page = await browser.press(page.fill(label, text), "Approve")

    assert page.status == 422
    assert said in error_beside(page, label)
    assert page.shown_in(label) == text
    assert (await world.task(task_id)).decision is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "a": 2}', "stands twice"),
        ("NaN", "NaN is no JSON"),
        ("1e999", "beyond what a number can hold"),
        ("9007199254740993", "beyond 2^53"),
        ('"\\u0000"', "NUL"),
        ('"\\ud800"', "surrogate"),
        ("[" * 100 + "]" * 100, "64 levels"),
        ("{", "This is not JSON"),
    ],
)
async def test_json_is_as_strict_here_as_in_the_api(world: World, text: str, said: str) -> None:
    task_id = await world.ask("form")
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")

    page = await browser.press(page.fill("Your answer (JSON)", text), "Submit")

    assert page.status == 422
    assert said in error_beside(page, "Your answer (JSON)")
    assert page.shown_in("Your answer (JSON)") == text
    assert (await world.task(task_id)).decision is None


async def test_an_outcome_nobody_offered_is_refused(world: World) -> None:
    task_id = await world.ask("review", outcomes=["approved", "rejected"])
    browser = await world.signed_in("mgr@acme.test")
    url, pairs = (await browser.open(f"/inbox/tasks/{task_id}")).sent_by("Approve")
    for outcome in ("changes_requested", "<b>", ""):
        forged = [(n, outcome if n == "outcome" else v) for n, v in pairs]

        page = await browser.post(url, forged)

        assert page.status == 422
        assert (await world.task(task_id)).decision is None
