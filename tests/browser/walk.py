"""A person's way through one task: sign in, find it, read it, get it wrong, get it right."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.async_api import Locator, expect

from signoff.core.words import TaskId
from tests.browser.scenarios import Beside, Scenario, Step
from tests.browser.site import Site
from tests.browser.window import Window


async def asked(site: Site, scenario: Scenario) -> TaskId:
    """The agent asks what the scenario says."""
    return await site.ask(
        scenario.kind, scenario.title, payload=scenario.payload, **scenario.fields
    )


async def find(window: Window, scenario: Scenario) -> None:
    """Sign in, see the task in the list, and open it."""
    await window.sign_in()
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("Inbox")
    await window.press(window.page.get_by_role("link", name=scenario.title))
    await expect(window.page.get_by_role("heading", level=1)).to_have_text(scenario.title)


async def read(window: Window, scenario: Scenario) -> None:
    """See what there is to know before one answers."""
    for words in scenario.reads:
        shown = window.page.locator("#main").get_by_text(words).first
        await shown.scroll_into_view_if_needed()
        await expect(shown).to_be_visible()


async def get_it_wrong(window: Window, scenario: Scenario) -> None:
    """Answer wrongly, and be told beside the field; the rest stays as it was typed."""
    await answer(window, scenario.mistake, scenario.button)
    await told(window, scenario.error)
    for step in scenario.mistake:
        await stays(form(window), step)


async def get_it_right(window: Window, scenario: Scenario) -> None:
    """Answer rightly, and see what was decided."""
    await answer(window, scenario.right, scenario.button)
    ending = window.page.locator(".ending")
    word = scenario.outcome.replace("_", " ").capitalize()
    await expect(ending.get_by_role("heading").first).to_have_text(re.compile(f"^{word}"))
    await expect(ending).to_contain_text("by you")
    await expect(form(window)).to_have_count(0)


async def gone(window: Window, scenario: Scenario) -> None:
    """Go back to the list, which asks for it no more."""
    await window.press(window.page.get_by_role("link", name="Inbox").first)
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("Inbox")
    await expect(window.page.get_by_role("link", name=scenario.title)).to_have_count(0)


def form(window: Window) -> Locator:
    """Where one answers."""
    return window.page.locator("#decide")


async def answer(window: Window, steps: Sequence[Step], button: str) -> None:
    """Fill in, and press."""
    for step in steps:
        await step.do(form(window))
    await window.press(form(window).get_by_role("button", name=button, exact=True))


async def told(window: Window, error: Beside) -> None:
    """The error is summed up, and stands beside its field also for those who hear the page."""
    summary = window.page.get_by_role("alert")
    await expect(summary).to_contain_text(error.says)
    await expect(summary).to_be_focused()
    field = error.field(form(window))
    names = (await field.get_attribute("aria-describedby") or "").split()
    beside = [window.page.locator(f"[id='{name}']") for name in names if name.endswith("-error")]
    assert beside, f"no error stands beside {error.label}"
    await expect(beside[0]).to_contain_text(error.says)
    await expect(beside[0]).to_be_visible()
    if error.group is None:
        await expect(field).to_have_attribute("aria-invalid", "true")


async def stays(form: Locator, step: Step) -> None:
    """What was typed before is still there."""
    field = form.get_by_label(step.label)
    if hasattr(step, "text"):
        await expect(field).to_have_value(step.text)
    elif not hasattr(step, "option"):
        await expect(field).to_be_checked()
