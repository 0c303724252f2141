"""Forms whose fields depend on one another: shapes to choose from, conditional parts, money.

All of it without JavaScript; what a script folds away is seen in a browser.
"""

from __future__ import annotations

from typing import Any

import pytest

from signoff.server.inbox.money import Unreadable, exact
from tests.inbox.browser import Browser, Page
from tests.inbox.world import World

DIGITS = "^[0-9]{4}$"

PAYMENT: dict[str, Any] = {
    "type": "object",
    "required": ["method", "amount"],
    "properties": {
        "amount": {"title": "Amount", "type": "string", "format": "money", "x-currency": "EUR"},
        "method": {
            "title": "How is it paid?",
            "oneOf": [
                {
                    "type": "object",
                    "title": "By card",
                    "properties": {
                        "kind": {"const": "card"},
                        "last4": {
                            "title": "Last four digits",
                            "type": "string",
                            "pattern": "^\\d{4}$",
                        },
                    },
                    "required": ["kind", "last4"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "title": "By wire",
                    "properties": {
                        "kind": {"const": "wire"},
                        "iban": {"title": "IBAN", "type": "string", "minLength": 15},
                    },
                    "required": ["kind", "iban"],
                    "additionalProperties": False,
                },
            ],
        },
    },
}

REFUSAL: dict[str, Any] = {
    "type": "object",
    "required": ["refund"],
    "properties": {"refund": {"title": "Refund", "enum": ["all", "some", "none"]}},
    "allOf": [
        {
            "if": {"properties": {"refund": {"const": "some"}}},
            "then": {
                "properties": {"part": {"title": "How much", "type": "integer", "minimum": 1}},
                "required": ["part"],
            },
        },
        {
            "if": {"properties": {"refund": {"const": "none"}}},
            "then": {
                "properties": {"why": {"title": "Why none", "type": "string", "minLength": 3}},
                "required": ["why"],
            },
        },
    ],
}


async def opened(world: World, schema: dict[str, Any], **fields: Any) -> tuple[Browser, Page, Any]:
    task_id = await world.ask("form", schema=schema, **fields)
    browser = await world.signed_in("mgr@acme.test")
    return browser, await browser.open(f"/inbox/tasks/{task_id}"), task_id


async def decided(world: World, task_id: Any) -> Any:
    decision = (await world.task(task_id)).decision
    return decision.data if decision else None


async def test_one_shape_is_chosen_and_only_its_fields_count(world: World) -> None:
    browser, page, task_id = await opened(world, PAYMENT)
    page.fill("Amount", "1.240,50").tick("By wire").fill("IBAN", "DE89370400440532013000")
    page.fill("Last four digits", "left over")

    await browser.press(page, "Submit")

    assert await decided(world, task_id) == {
        "amount": "1240.50",
        "method": {"kind": "wire", "iban": "DE89370400440532013000"},
    }


async def test_without_a_choice_or_with_a_mistake_in_it_the_error_stands_beside_it(
    world: World,
) -> None:
    browser, page, task_id = await opened(world, PAYMENT)

    page = await browser.press(page.fill("Amount", "12"), "Submit")

    assert "How is it paid?: Choose one of the options." in page.alerts[0]
    page = await browser.press(page.tick("By card").fill("Last four digits", "12"), "Submit")
    assert page.shown_in("Last four digits") == "12"
    assert "Last four digits:" in page.alerts[0]
    assert await decided(world, task_id) is None
    await browser.press(page.fill("Last four digits", "1234"), "Submit")
    assert (await decided(world, task_id))["method"] == {"kind": "card", "last4": "1234"}


async def test_the_shape_a_value_has_already_is_chosen(world: World) -> None:
    initial = {"amount": "5.00", "method": {"kind": "card", "last4": "4242"}}
    browser, page, task_id = await opened(world, PAYMENT, initial=initial)

    assert "checked" in page.control("By card").attrs
    await browser.press(page, "Submit")

    assert await decided(world, task_id) == initial


@pytest.mark.parametrize(
    ("choice", "typed", "data"),
    [
        ("all", {}, {"refund": "all"}),
        ("some", {"How much": "3"}, {"refund": "some", "part": 3}),
        ("none", {"Why none": "It was fine."}, {"refund": "none", "why": "It was fine."}),
        ("all", {"How much": "nonsense", "Why none": "x"}, {"refund": "all"}),
    ],
)
async def test_a_part_counts_only_where_it_applies(
    world: World, choice: str, typed: dict[str, str], data: Any
) -> None:
    browser, page, task_id = await opened(world, REFUSAL)
    assert "Only where “Refund” is “some”." in page.text
    for label, text in typed.items():
        page.fill(label, text)

    await browser.press(page.tick(choice), "Submit")

    assert await decided(world, task_id) == data


async def test_a_part_that_applies_has_to_be_filled_in(world: World) -> None:
    browser, page, task_id = await opened(world, REFUSAL)

    page = await browser.press(page.tick("none"), "Submit")

    assert "Why none: Fill this in." in page.alerts[0]
    assert await decided(world, task_id) is None


@pytest.mark.parametrize(
    ("typed", "places", "amount"),
    [
        ("240", 2, "240"),
        ("240.5", 2, "240.5"),
        ("240,50", 2, "240.50"),
        ("1.240,50", 2, "1240.50"),
        ("1,240.50", 2, "1240.50"),
        ("1 240,50", 2, "1240.50"),
        ("1'240.50", 2, "1240.50"),
        ("1.240.000", 2, "1240000"),
        ("-0,05", 2, "-0.05"),
        ("0.1234", None, "0.1234"),
    ],
)
def test_an_amount_is_read_exactly_as_people_write_it(
    typed: str, places: int | None, amount: str
) -> None:
    assert exact(typed, places) == amount


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("1,240", 2),
        ("1.240", 2),
        ("1,240", None),
        ("12.345", 2),
        ("a", 2),
        ("1.2.3", 2),
        ("1,2,3.4", 2),
        ("", 2),
        (".", 2),
        ("1e3", 2),
        ("100.5", 0),
    ],
)
def test_what_could_be_read_in_two_ways_is_asked_about(typed: str, places: int) -> None:
    with pytest.raises(Unreadable):
        exact(typed, places)


async def test_slack_is_not_asked_to_show_what_it_cannot(world: World) -> None:
    from signoff.server.inbox.forms import build
    from signoff.server.slack.modal import _inputs, _NoInput

    for schema in (PAYMENT, REFUSAL):
        with pytest.raises(_NoInput):
            list(_inputs(build(schema, name="data")))
