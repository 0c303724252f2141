"""What is wrong with a page for somebody: axe's findings, and what axe cannot see.

axe (axe-core, in the page as one script) checks what the Web Content Accessibility Guidelines 2.2 A
and AA say about the document: names, roles, contrast, target size. The rest is looked at here: that
a narrow window or large text never needs scrolling sideways, that everything can be reached by the
keyboard and shows it, and what people's settings of motion and colour do.

Each finding is one line that begins with the number of its criterion. An empty list is a page
without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Page

from tests.browser.window import DESKTOP, PHONE, Device, Theme

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
NARROW = Device(name="narrow", width=320, height=640)
LOOKS: tuple[tuple[Device, Theme], ...] = (
    (PHONE, "light"),
    (PHONE, "dark"),
    (DESKTOP, "light"),
    (DESKTOP, "dark"),
)
TAB_LIMIT = 200
SHORT = 24


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the Tab key stopped: the element, whether it shows that, whether it is in sight."""

    path: str
    shows: bool
    seen: bool


async def findings(page: Page) -> list[str]:
    """Everything that is wrong with the page as it stands."""
    found: list[str] = []
    for device, theme in LOOKS:
        await look(page, device, theme)
        found += [f"{line} [{device.name}, {theme}]" for line in await axe(page)]
    for device in (NARROW, PHONE, DESKTOP):
        await look(page, device, "light")
        found += [f"{line} [{device.name}]" for line in await sideways(page)]
        found += [f"{line} [{device.name}]" for line in await large_text(page)]
        found += [f"{line} [{device.name}]" for line in await small_targets(page)]
    for device in (PHONE, DESKTOP):
        await look(page, device, "light")
        found += [f"{line} [{device.name}]" for line in await keyboard(page)]
    found += await motion(page)
    found += await forced_colours(page)
    return found


async def look(page: Page, device: Device, theme: Theme) -> None:
    """Give the window this size and theme."""
    await page.set_viewport_size({"width": device.width, "height": device.height})
    await page.emulate_media(color_scheme=theme)


async def axe(page: Page) -> list[str]:
    """What axe finds."""
    if not await page.evaluate("Boolean(window.axe)"):
        await page.evaluate(AXE + "\n;0")
    return [f"axe {found}" for found in await _ask(page, "axeFinds", list(TAGS))]


async def sideways(page: Page) -> list[str]:
    """1.4.10 Reflow: nothing is wider than the window."""
    return [f"1.4.10 wider than the window: {path}" for path in await _ask(page, "wider")]


async def large_text(page: Page) -> list[str]:
    """1.4.4 Resize text: with letters twice as large, all of it is still there."""
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    try:
        wide = await _ask(page, "wider")
        cut = await _ask(page, "cutOff")
    finally:
        await page.evaluate("document.documentElement.style.fontSize = ''")
    return [f"1.4.4 wider than the window at 200 %: {path}" for path in wide] + [
        f"1.4.4 cut off at 200 %: {path}" for path in cut
    ]


async def small_targets(page: Page) -> list[str]:
    """2.5.8 Target size: what is pressed measures 24 by 24 pixels, but for links in a sentence."""
    return [f"2.5.8 small: {each}" for each in await _ask(page, "small", SHORT)]


async def keyboard(page: Page) -> list[str]:
    """2.1.1, 2.1.2, 2.4.7, 2.4.11: Tab reaches everything, leaves it again, shows where it is."""
    wanted: list[str] = await _ask(page, "tabbable")
    stops = await _tabbed(page)
    reached = {stop.path for stop in stops}
    found = [f"2.1.1 Tab does not reach: {path}" for path in wanted if path not in reached]
    if len(stops) >= TAB_LIMIT:
        found.append(f"2.1.2 Tab does not come out again: {stops[-1].path}")
    found += [f"2.4.7 does not show that it has the focus: {s.path}" for s in stops if not s.shows]
    found += [f"2.4.11 has the focus out of sight: {s.path}" for s in stops if not s.seen]
    return found


async def motion(page: Page) -> list[str]:
    """Who asks for less motion gets none."""
    await page.emulate_media(reduced_motion="reduce")
    moving = await _ask(page, "moving")
    return [f"2.3.3 moves though less motion is asked for: {path}" for path in moving]


async def forced_colours(page: Page) -> list[str]:
    """Where the system decides the colours, what is pressed has an edge, and focus shows."""
    await page.emulate_media(forced_colors="active")
    try:
        bare: list[str] = await _ask(page, "edgeless")
        stops = await _tabbed(page)
    finally:
        await page.emulate_media(forced_colors="none")
    found = [f"1.4.11 no edge in forced colours: {path}" for path in bare]
    return found + [f"2.4.7 no focus in forced colours: {s.path}" for s in stops if not s.shows]


async def _tabbed(page: Page) -> Sequence[Stop]:
    """Press Tab from the top of the page until it has left the page."""
    await _ask(page, "toTheTop")
    stops: list[Stop] = []
    for _ in range(TAB_LIMIT):
        await page.keyboard.press("Tab")
        stop: dict[str, Any] | None = await _ask(page, "focused")
        if stop is None or (stops and stop["path"] == stops[0].path):
            break
        stops.append(Stop(stop["path"], stop["shows"], stop["seen"]))
    return stops


async def _ask(page: Page, function: str, argument: object = None) -> Any:
    """Call one function of the script in the page, past the page's own policy."""
    return await page.evaluate(f"(it) => {{ {SCRIPT}\nreturn {function}(it); }}", argument)
