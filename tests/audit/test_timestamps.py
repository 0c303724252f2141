"""A timestamp says that a checkpoint existed by then, where its authority is trusted."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from signoff.audit.errors import Refuted
from signoff.audit.timestamps import stamped_at
from signoff.audit.verify import Verdict, verify_bundle
from tests.audit.building import Log, bundle, history, zipped

RECORDED = Path(__file__).parent.parent / "anchors" / "recorded"
NOTE = (RECORDED / "checkpoint").read_bytes()
TOKEN = (RECORDED / "checkpoint.tsr").read_bytes()
ROOT = (RECORDED / "root.pem").read_bytes()


@pytest.mark.parametrize("evidence", [TOKEN, base64.b64encode(TOKEN)])
def test_a_recorded_token_says_when(evidence: bytes) -> None:
    when = stamped_at(evidence, NOTE, ROOT)
    assert when is not None
    assert when.endswith("+00:00")


@pytest.mark.parametrize(
    ("evidence", "note"),
    [
        (TOKEN, NOTE + b"x"),
        (TOKEN, b""),
        (TOKEN[:-20] + bytes(20), NOTE),
        (TOKEN[: len(TOKEN) // 2], NOTE),
        (b"", NOTE),
        (b"0", NOTE),
        (b"nonsense", NOTE),
        (bytes.fromhex("30053003020100"), NOTE),
    ],
)
def test_whatever_is_no_token_over_the_checkpoint_is_refuted(evidence: bytes, note: bytes) -> None:
    with pytest.raises(Refuted):
        stamped_at(evidence, note, ROOT)


def test_without_the_library_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    assert stamped_at(TOKEN, NOTE, ROOT) is None


LOG = Log(history(2))


@pytest.fixture
def verify(tmp_path: Path) -> Callable[[bytes | None], Verdict]:
    """A bundle whose timestamp is of another checkpoint."""

    def verified(roots: bytes | None) -> Verdict:
        anchors = {"timestamp-8-anc_1": (LOG.checkpoint(8), TOKEN)}
        file = zipped(bundle(LOG, anchors=anchors), tmp_path / "b.zip")
        return verify_bundle(file, tsa_roots=roots)

    return verified


def test_in_a_bundle_it_is_checked_where_an_authority_is_trusted(
    verify: Callable[[bytes | None], Verdict],
) -> None:
    assert verify(ROOT).refuted is not None
    unchecked = verify(None)
    assert unchecked.verified
    assert "--tsa-roots" in " ".join(unchecked.not_checked)
