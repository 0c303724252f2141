"""Every page can be used by everybody: WCAG 2.2 AA by axe, by keyboard, narrow, large and plain.

A new page is one line of ``PLACES``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import pytest

from tests.browser import walk
from tests.browser.conftest import Open
from tests.browser.judging import axe, findings, sideways
from tests.browser.scenarios import SCENARIOS, Scenario
from tests.browser.site import Site
from tests.browser.window import DESKTOP, PHONE, Window

Arrive = Callable[[Window], Awaitable[None]]


def signed_in(path: str) -> Arrive:
    """A page as its person sees it."""

    async def arrive(window: Window) -> None:
        await window.sign_in()
        await window.page.wait_for_url("**/inbox")
        await window.open(path)

    return arrive


def nobody(path: str) -> Arrive:
    """A page as somebody sees it who has not signed in."""

    async def arrive(window: Window) -> None:
        await window.open(path)

    return arrive


async def one_time_url(window: Window) -> None:
    await window.open(await window.site.sign_in_url())


async def list_of_all_types(window: Window) -> None:
    for scenario in SCENARIOS:
        await walk.asked(window.site, scenario)
    await signed_in("/inbox")(window)


def operations(path: str) -> Arrive:
    """A page of the operators', of one run that waits."""

    async def arrive(window: Window) -> None:
        await window.site.person("ops@acme.test", name="Ops", roles=("operator",))
        await window.site.ask("approval", "Refund?")
        await window.sign_in("ops@acme.test")
        await window.page.wait_for_url("**/inbox")
        await window.open(path)

    return arrive


async def several_together(window: Window) -> None:
    action = {"name": "refund", "arguments": {"amount": "12.00 EUR"}}
    ids = [
        await window.site.ask("approval", title, risk="low", action=action)
        for title in ("Refund one", "Refund two")
    ]
    await signed_in("/inbox/together?" + "&".join(f"task={each}" for each in ids))(window)


PLACES: Mapping[str, Arrive] = {
    "list": list_of_all_types,
    "empty list": signed_in("/inbox"),
    "together": several_together,
    "operations": operations("/inbox/operate"),
    "run": operations("/inbox/operate/runs/int_" + f"{1:032x}"),
    "absence": signed_in("/inbox/absence"),
    "settings": signed_in("/inbox/settings"),
    "passkeys": signed_in("/inbox/passkeys"),
    "sessions": signed_in("/inbox/sessions"),
    "browsers that ring": signed_in("/inbox/push"),
    "watching": signed_in("/inbox?view=watched&risk=high"),
    "one-time URL": one_time_url,
    "spent URL": nobody("/sign-in?token=spent"),
    "not signed in": nobody("/inbox"),
    "not found": signed_in("/inbox/nowhere"),
}


@pytest.mark.parametrize("place", PLACES)
async def test_a_page_can_be_used_by_everybody(window: Open, place: str) -> None:
    async with window(DESKTOP) as theirs:
        await PLACES[place](theirs)
        await require_none(theirs)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: str(each.kind))
async def test_a_task_can_be_answered_by_everybody(
    site: Site, window: Open, scenario: Scenario
) -> None:
    await walk.asked(site, scenario)

    async with window(DESKTOP) as theirs:
        await walk.find(theirs, scenario)
        await require_none(theirs)
        await walk.get_it_wrong(theirs, scenario)
        await require_none(theirs)
        await walk.get_it_right(theirs, scenario)
        await require_none(theirs)


async def test_the_api_reference_can_be_read_by_everybody(window: Open) -> None:
    """One page of a thousand links: axe and the width of it, not every stop of the Tab key."""
    async with window(PHONE) as theirs:
        await theirs.open("/docs")
        found = await axe(theirs.page) + await sideways(theirs.page)
        await theirs.page.emulate_media(color_scheme="dark")
        found += await axe(theirs.page)
    assert not found, "\n".join(found)


async def require_none(window: Window) -> None:
    found = await findings(window.page)
    assert not found, "\n".join(found)
