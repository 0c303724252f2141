"""The server, the people and the keys that how-to pages assume: the page that makes them, run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docs.fences import blocks_of
from tests.docs.stage import ROOT, Stage

SET_UP = ROOT / "docs" / "how-to" / "README.md"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("world"))
    try:
        stage.run(blocks_of(SET_UP))
        yield stage
    finally:
        stage.close()
