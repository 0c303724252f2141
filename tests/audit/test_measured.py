"""What verifying costs grows with the log and no faster: a million entries are to be had.

``make bench ARGS="--only verify"`` measures the million itself. Here it is time on a processor that
counts, of a process of its own, so that a machine that is busy with something else says nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import verify

pytestmark = pytest.mark.slow

FEW, MANY = 2_000, 20_000
MICROSECONDS_EACH = 300
"""Ten times what it takes."""
BYTES_EACH = 1_000
"""With 300 MB for a million entries each may leave 260 bytes, beside what is there at first."""


def test_time_and_memory_grow_with_the_entries(tmp_path: Path) -> None:
    few, many = verify.bundle(tmp_path, FEW), verify.bundle(tmp_path, MANY)
    more = MANY - FEW
    assert (many.processor - few.processor) / more < MICROSECONDS_EACH / 1e6
    assert (many.memory - few.memory) / more < BYTES_EACH


def test_a_receipt_costs_little_beside_the_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "RUNS", 3)
    one, bare = verify.receipt(tmp_path)
    assert one.processor - bare.processor < 0.5


def test_what_does_not_verify_is_not_measured(tmp_path: Path) -> None:
    (tmp_path / "nothing").touch()
    with pytest.raises(RuntimeError, match="exited with 2"):
        verify.run(*verify.VERIFY, str(tmp_path / "nothing"), "--quiet")
