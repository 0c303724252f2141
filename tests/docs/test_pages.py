"""Every code block of the documentation does what its page says.

The pages below docs/how-to share the server that docs/how-to/README.md starts, with the people and
the key it makes. A page that serves by itself, or wants PostgreSQL, has a server of its own.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.docs.conftest import SET_UP
from tests.docs.fences import Block, blocks_of
from tests.docs.shell import commands_of
from tests.docs.stage import ROOT, Stage
from tests.postgres import drop_database, fresh_database

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GENERATED = ROOT / "docs" / "reference"

pytestmark = pytest.mark.slow


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_page_is_true(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    blocks = blocks_of(page)
    if not blocks or page == SET_UP:
        request.getfixturevalue("world")  # the page that makes it has been run by it
        return
    database = asyncio.run(fresh_database()) if wants_postgres(blocks) else None
    stage = Stage(tmp_path / "page", postgres=database)
    try:
        if needs_the_world(blocks):
            stage.join(request.getfixturevalue("world"))
        stage.run(blocks)
    finally:
        stage.close()
        if database:
            asyncio.run(drop_database(database))


def test_only_generated_pages_have_drawings_that_nobody_runs() -> None:
    drawn = [
        page
        for page in PAGES
        for block in blocks_of(page)
        if block.language == "mermaid" and GENERATED not in page.parents
    ]
    assert drawn == []


def wants_postgres(blocks: tuple[Block, ...]) -> bool:
    return any(block.directive("postgres") is not None for block in blocks)


def needs_the_world(blocks: tuple[Block, ...]) -> bool:
    if wants_postgres(blocks):
        return False
    commands = [
        command.text
        for block in blocks
        if block.language in ("console", "bash")
        for command in commands_of(block)
    ]
    runs_python = any(block.language in ("python", "http") for block in blocks)
    signoff = any("signoff " in each and "pip install" not in each for each in commands)
    return (runs_python or signoff) and not any("signoff serve" in each for each in commands)
