"""A window of the browser on one device, and what must never happen in it.

A page that asks another origin for anything, throws an error nobody catches, or makes the browser
complain on its console (a violated content security policy does) fails the test that opened it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal, TypedDict
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    ViewportSize,
)

from tests.browser.site import MIRA, Site

Theme = Literal["light", "dark"]
PATIENCE = 20_000.0


class Emulated(TypedDict):
    """What Playwright is told about a device."""

    viewport: ViewportSize
    has_touch: bool
    is_mobile: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What somebody holds in their hand, or sits in front of."""

    name: str
    width: int
    height: int
    touch: bool = False

    @property
    def emulated(self) -> Emulated:
        size = ViewportSize(width=self.width, height=self.height)
        return {"viewport": size, "has_touch": self.touch, "is_mobile": self.touch}


PHONE = Device(name="phone", width=390, height=844, touch=True)
DESKTOP = Device(name="desktop", width=1280, height=900)
DEVICES = (PHONE, DESKTOP)


@dataclass
class Window:
    """One window and its page."""

    site: Site
    device: Device
    page: Page
    faults: list[str] = field(default_factory=list)
    _opened: set[str] = field(default_factory=set)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def open(self, path: str) -> None:
        """Go to a page of ours."""
        await self.page.goto(path if "://" in path else f"{self.site.url}{path}")

    async def press(self, what: Locator) -> None:
        """Press it, with a finger where the device has a touch screen, and see what comes."""
        if self.device.touch:
            await what.tap()
        else:
            await what.click()
        await self.page.wait_for_load_state()

    async def sign_in(self, email: str = MIRA, *, to: str = "/inbox") -> None:
        """Sign in as a person does: open the one-time URL, press the button."""
        await self.open(await self.site.sign_in_url(email, to=to))
        await self.press(self.page.get_by_role("button", name="Sign in"))

    def watch(self) -> None:
        """Note from now on whatever must not happen."""
        self.context.on("request", self._requested)
        self.context.on("console", self._complained)
        self.context.on("weberror", lambda error: self.faults.append(f"threw: {error.error}"))

    def _requested(self, request: Request) -> None:
        if request.url.startswith(("data:", "blob:", "about:")):
            return
        if request.is_navigation_request():
            self._opened.add(request.url)
        if _origin(request.url) != self.site.url:
            self.faults.append(f"asked another origin: {request.method} {request.url}")

    def _complained(self, message: ConsoleMessage) -> None:
        """A page that says what is wrong with an answer is no fault; one that misses a file is."""
        said = message.text.startswith("Failed to load resource: the server responded with a ")
        if said and message.location["url"] in self._opened and " status of 4" in message.text:
            return
        if message.type in ("error", "warning"):
            self.faults.append(f"complained: {message.text} ({message.location['url']})")


@asynccontextmanager
async def opened(
    browser: Browser, site: Site, device: Device, *, scripts: bool = True, theme: Theme = "light"
) -> AsyncIterator[Window]:
    """A fresh window: no cookies, nothing kept.

    :param scripts: whether JavaScript is on.
    :raises AssertionError: at the end, if something happened that must not.
    """
    context = await browser.new_context(
        **device.emulated,
        java_script_enabled=scripts,
        color_scheme=theme,
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    try:
        if scripts:
            await context.clock.set_fixed_time(site.clock.now())
        window = Window(site=site, device=device, page=await context.new_page())
        window.watch()
        yield window
        await settled(window.page)
    finally:
        await context.close()
    assert not window.faults, "\n".join(window.faults)


async def settled(page: Page) -> None:
    """Let the page say what it still has to say."""
    with suppress(Error):  # it is on its way elsewhere, or closed
        await page.evaluate("0")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
