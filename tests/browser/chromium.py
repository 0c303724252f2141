"""The browser of the tests: the system's Chromium, found or installed; never skipped.

Playwright drives it and downloads none of its own. It is looked for on PATH, or is the program
that ``SIGNOFF_TEST_CHROMIUM`` names. Where there is none, the package ``chromium`` is installed by
apt-get if the tests run as root on a system that has that; of several processes one does it and
the others wait.

What must stay true: where no browser can be had, the tests that want one fail and say what to do.
It reaches this machine only, whatever a page or the browser itself would like to load.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
INSTALL_SECONDS = 600.0

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
)


class NoChromium(RuntimeError):
    """There is no browser, and none could be installed; the message says what to do."""


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser with a fresh profile, for as long as the block lasts."""
    program = found_or_installed()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


def found_or_installed() -> Path:
    """The program to run.

    :raises NoChromium: there is none, and it could not be installed.
    """
    return found() or installed()


def found() -> Path | None:
    """The browser that is here already."""
    named = os.environ.get("SIGNOFF_TEST_CHROMIUM")
    if named:
        return Path(named)
    paths = (shutil.which(name) for name in NAMES)
    return next((Path(path) for path in paths if path), None)


def installed() -> Path:
    """Install the system's package and return its program.

    :raises NoChromium: this may not or cannot be done here.
    """
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NoChromium(_what_to_do("it is not on PATH"))
    lock = Path(tempfile.gettempdir()) / "signoff-tests-chromium.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        program = found()  # another process may have done it while this one waited
        if program is None:
            _apt_get("update", "--quiet")
            _apt_get("install", "--quiet", "--yes", "--no-install-recommends", "chromium")
            program = found()
    if program is None:
        raise NoChromium(_what_to_do("the package `chromium` has no program on PATH"))
    return program


def _apt_get(*arguments: str) -> None:
    done = subprocess.run(
        ["apt-get", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise NoChromium(_what_to_do(f"`apt-get {' '.join(arguments)}` failed: {said}"))


def _what_to_do(why: str) -> str:
    return (
        f"the tests in tests/browser need Chromium: {why}. Install it (Debian and Ubuntu: `apt-get "
        "install chromium` as root), or name a Chromium or Chrome in SIGNOFF_TEST_CHROMIUM"
    )
