"""What judges pages objects to a page that is wrong, and to nothing else."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.judging import findings
from tests.browser.window import DESKTOP

FINE = """<!doctype html><html lang="en"><head><title>Fine</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 0; overflow-wrap: anywhere }} button {{ min-height: 44px }} {style}
</style></head><body><main><h1>Fine</h1><button>Press</button> {body}</main></body></html>"""

FAULTS = {
    "axe image-alt": ("", "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>"),
    "axe color-contrast": ("p { color: #999; background: #fff }", "<p>Pale</p>"),
    "axe target-size": (
        "a { display: inline-block; font-size: 8px }",
        "<a href=#a>a</a><a href=#b>b</a>",
    ),
    "1.4.10": ("", "<div style='width: 500px'>Wide</div>"),
    "1.4.4 wider": ("", "<div style='width: 15rem'>Wide when large</div>"),
    "1.4.4 cut off": ("", "<div style='height: 20px; overflow: hidden'>Cut when large</div>"),
    "2.5.8": (
        "",
        "<button style='min-height: 0; height: 12px; width: 12px; padding: 0'>x</button>",
    ),
    "2.1.1": ("", "<dialog open style='display: contents'><a href=#a inert>Far</a></dialog>"),
    "2.4.7 does not show": (":focus { outline: none }", ""),
    "2.4.7 no focus": ("@media (forced-colors: active) { :focus { outline: none } }", ""),
    "2.4.11": ("", "<p style='position: fixed; inset: 0; background: #fff; margin: 0'>Over</p>"),
    "2.3.3": ("p { transition: color 1s }", "<p>Slow</p>"),
    "1.4.11": ("button { border: 0 }", ""),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_wrong_is_found(window: Open, fault: str) -> None:
    style, body = FAULTS[fault]
    async with window(DESKTOP) as theirs:
        await theirs.page.set_content(FINE.format(style=style, body=body))
        found = await findings(theirs.page)

    assert any(line.startswith(fault) for line in found), found


async def test_a_page_that_is_fine_has_no_findings(window: Open) -> None:
    async with window(DESKTOP) as theirs:
        await theirs.page.set_content(FINE.format(style="", body=""))
        assert await findings(theirs.page) == []
