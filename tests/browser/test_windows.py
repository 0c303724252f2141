"""A window tells what must never happen on a page."""

from __future__ import annotations

from contextlib import suppress

import pytest
from playwright.async_api import Error

from tests.browser.chromium import NoChromium, installed
from tests.browser.conftest import Open
from tests.browser.window import DESKTOP, Window

FAULTS = {
    "asked another origin: GET https://elsewhere.test/": "location = 'https://elsewhere.test/'",
    "threw: lost": "queueMicrotask(() => { throw new Error('lost') })",
    "complained: broken": "console.error('broken')",
    "complained: Failed to load resource": "new Image().src = '/inbox/static/nothing.png'",
}
INLINE = "document.body.append(Object.assign(document.createElement('script'), {text: '0'}))"


@pytest.mark.parametrize("said", FAULTS)
async def test_what_must_never_happen_fails_the_test(window: Open, said: str) -> None:
    with pytest.raises(AssertionError, match=f"(?m)^{said}"):
        await do(window, FAULTS[said])


async def test_a_page_that_breaks_its_own_policy_fails_the_test(window: Open) -> None:
    with pytest.raises(AssertionError, match="Content Security Policy"):
        await do(window, INLINE)


async def test_a_page_that_says_what_is_wrong_is_no_fault(window: Open) -> None:
    async with window(DESKTOP) as theirs:
        await theirs.open("/inbox/static/nothing.css")


def test_without_a_browser_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("SIGNOFF_TEST_CHROMIUM", raising=False)

    with pytest.raises(NoChromium, match="apt-get install chromium"):
        installed()


async def do(window: Open, script: str) -> None:
    """Open a page of ours, run the script on it, and wait until that is noticed."""
    async with window(DESKTOP) as theirs:
        await theirs.open("/sign-in")
        await theirs.page.evaluate(f"() => {{ {script} }}")
        await noticed(theirs)


async def noticed(window: Window) -> None:
    for _ in range(600):
        if window.faults:
            return
        with suppress(Error):  # the page is on its way elsewhere
            await window.page.evaluate("() => new Promise(requestAnimationFrame)")
