"""From settings to anchors: nothing is asked that is not set, and what cannot be used is named."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from signoff.anchors.composed import anchors_of, quorum_of
from signoff.audit import note
from signoff.config import Settings
from signoff.errors import Broken, InvalidInput


def test_without_settings_there_are_none() -> None:
    assert anchors_of(Settings()) == []


def test_each_setting_makes_its_anchor(tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    vkey = note.cosigner_vkey("witness.test/w", b"\7" * 32)
    policy.write_text(f"witness w {vkey} https://w.test\nquorum w\n")
    settings = Settings(
        anchor_file="/tape/checkpoints",
        anchor_git="/tree/checkpoints",
        anchor_mail="auditor@acme.test",
        anchor_mail_seconds=60.0,
        smtp="smtp://mail.acme.test",
        anchor_timestamp="https://tsa.test/",
        anchor_witnesses=str(policy),
    )
    assert [(each.kind, each.name, each.every_seconds) for each in anchors_of(settings)] == [
        ("file", "/tape/checkpoints", None),
        ("git", "/tree/checkpoints", None),
        ("mail", "auditor@acme.test", 60.0),
        ("timestamp", "https://tsa.test/", None),
        ("witness", "witness.test/w", None),
    ]


def test_enough_is_what_the_policy_says_and_one_where_there_is_none(tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    vkeys = [note.cosigner_vkey(f"witness.test/{n}", bytes([n]) * 32) for n in (1, 2)]
    witnesses = "".join(f"witness w{n} {vkey} https://w.test\n" for n, vkey in enumerate(vkeys))
    policy.write_text(f"{witnesses}group both all w0 w1\nquorum both\n")
    signed = note.sign("log.test\n0\nAAAA\n", [note.Signer(name="log.test", seed=b"l" * 32)])
    lines = [note.cosign(signed, f"witness.test/{n}", bytes([n]) * 32, 1) for n in (1, 2)]
    enough = quorum_of(Settings(anchor_witnesses=str(policy)))

    assert [enough(signed + some) for some in ("", lines[0], "".join(lines))] == [
        False,
        False,
        True,
    ]
    assert not enough(signed + lines[0] + lines[1].replace("A", "B"))
    assert not enough("no note")
    assert quorum_of(Settings())(signed)


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        (Settings(anchor_mail="auditor@acme.test"), "SIGNOFF_SMTP"),
        (Settings(anchor_mail="a@acme.test", smtp="mail.acme.test"), "SIGNOFF_SMTP"),
        (Settings(anchor_mail="a\n@acme.test", smtp="smtp://a.test"), "SIGNOFF_ANCHOR_MAIL"),
        (Settings(anchor_mail="auditor", smtp="smtp://a.test"), "SIGNOFF_ANCHOR_MAIL"),
        (Settings(anchor_timestamp="tsa.test"), "SIGNOFF_ANCHOR_TIMESTAMP"),
        (Settings(anchor_witnesses="/nowhere"), "SIGNOFF_ANCHOR_WITNESSES"),
    ],
)
def test_what_cannot_be_used_is_named(settings: Settings, names: str) -> None:
    with pytest.raises(InvalidInput, match=names):
        anchors_of(settings)


def test_timestamps_without_their_library_are_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(Broken, match=r"signoff\[timestamps\]"):
        anchors_of(Settings(anchor_timestamp="https://tsa.test/"))
