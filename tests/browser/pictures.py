"""Pictures of what people see: ``build/screenshots``, and from there a few for the docs."""

from __future__ import annotations

from pathlib import Path

from tests.browser.window import Theme, Window

ROOT = Path(__file__).parents[2]
TAKEN = ROOT / "build" / "screenshots"
THEMES: tuple[Theme, ...] = ("light", "dark")


async def take(window: Window, name: str, *, keep: bool = True) -> None:
    """Write what the window shows, from the top of the page, in both themes."""
    if not keep:
        return
    TAKEN.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        await window.page.emulate_media(color_scheme=theme)
        await window.page.evaluate("scrollTo(0, 0)")
        path = TAKEN / f"{name}-{window.device.name}-{theme}.png"
        await window.page.screenshot(path=path, animations="disabled", caret="hide")
    await window.page.emulate_media(color_scheme="light")
