"""A receipt is verified by itself: one decision, what led to it, and what its holder may see."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from signoff.audit import checkpoint, policy, receipt
from signoff.audit.canonical import encode
from signoff.audit.errors import Malformed
from signoff.audit.receipt import Proven
from signoff.audit.telling import told
from signoff.audit.verify import verify_receipt
from tests.audit import building
from tests.audit.building import LOG_STORY, OTHER, Log, Passkey, Written, entry, history

PASSKEY = Passkey()
LOG = Log(history(60, passkey=PASSKEY))
PINNED = policy.parse(LOG.policy)
ABOUT, ALSO = 8, LOG_STORY
TEXT = building.receipt(LOG, ABOUT, ALSO)


def verify(text: str = TEXT, policy: policy.Policy | None = PINNED, **asked: Any) -> Any:
    return verify_receipt(text, policy, **asked)


def with_extra(change: Callable[[dict[str, Any]], object]) -> str:
    """The receipt, with something else in what it tells."""
    lines = TEXT.split("\n")
    extra = json.loads(base64.b64decode(lines[1][6:]))
    change(extra)
    lines[1] = "extra " + base64.b64encode(encode(extra)).decode()
    return "\n".join(lines)


def test_a_receipt_is_verified() -> None:
    verdict = verify()
    assert verdict.verified, verdict.refuted
    assert verdict.pinned
    proved = " ".join(verdict.proved)
    assert "Entry 8, task.concluded, is in that log" in proved
    assert "signed with a passkey of whoever gave them: 1." in proved


def test_a_receipt_without_a_key_is_verified_with_a_policy_only() -> None:
    verdict = verify(policy=None)
    assert verdict.refuted is None
    assert not verdict.verified
    assert "no key to check it with" in " ".join(verdict.not_checked)
    own = verify(building.receipt(LOG, ABOUT, ALSO, keys=True), None)
    assert own.verified
    assert "NOT PINNED" in " ".join(own.not_checked)


def test_the_key_that_a_receipt_brings_does_not_stand_in_for_the_pinned_one() -> None:
    forged = building.receipt(Log(LOG.entries, OTHER), ABOUT, ALSO, keys=True)
    assert verify(forged, None).verified
    assert "no key of your policy" in verify(forged).refuted[1]


def test_it_is_read_as_it_was_written() -> None:
    found = receipt.decode(TEXT)
    assert found.encode() == TEXT
    assert found.about.index == ABOUT
    assert [each.index for each in found.also] == ALSO


def test_every_byte_of_a_receipt_counts() -> None:
    small = Log(history(1, passkey=PASSKEY), cosigned=True)
    text = building.receipt(small, ABOUT, ALSO)
    relied = policy.parse(small.policy)
    assert verify(text, relied).verified
    data = text.encode()
    for at in range(0, len(data), 5):
        for bit in (1, 4, 0x20):
            changed = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
            try:
                verdict = verify(changed.decode(errors="replace"), relied)
            except Malformed:
                assert at < len(receipt.FIRST_LINE) + 1
                continue
            assert not verdict.verified, (at, bit, changed[max(at - 10, 0) : at + 10])


@pytest.mark.parametrize(
    "change",
    [
        lambda extra: extra["leaf"].update(occurred_at="2020-01-01T00:00:00.000000Z"),
        lambda extra: extra["leaf"]["data"].update(outcome="rejected"),
        lambda extra: extra["also"][0]["leaf"].update(software="x"),
        lambda extra: extra["also"][4]["leaf"]["data"].update(outcome="rejected"),
        lambda extra: extra["also"][4]["open"]["comment"].update(value='"Never."'),
        lambda extra: extra["open"].update(comment={"salt": "A" * 43, "value": "1"}),
        lambda extra: extra["open"]["comment"].update(more="x"),
        lambda extra: extra["also"][2]["shown"].update(view="{}"),
        lambda extra: extra["also"][2]["shown"].update(other="{}"),
        lambda extra: extra["also"][0].update(index=4),
        lambda extra: extra["also"][0].update(index=-1),
        lambda extra: extra["also"][0].update(index=10**15),
        lambda extra: extra["also"][0].update(index=True),
        lambda extra: extra["also"][0]["proof"].pop(),
        lambda extra: extra["also"][0]["proof"].append("A" * 43 + "="),
        lambda extra: extra["also"][0].update(proof=["A" * 43 + "="] * 64),
        lambda extra: extra["also"][0].update(proof=[1]),
        lambda extra: extra["also"][0].update(more=1),
        lambda extra: extra["also"].append(extra["also"][0]),
        lambda extra: extra["also"].append(1),
        lambda extra: extra.update(also={}),
        lambda extra: extra.pop("leaf"),
        lambda extra: extra.update(keys=[1]),
        lambda extra: extra.update(shown={"view": 1}),
        lambda extra: extra.update(more=1),
    ],
)
def test_whatever_is_changed_is_found(change: Callable[[dict[str, Any]], object]) -> None:
    assert verify(with_extra(lambda extra: None)).verified
    assert verify(with_extra(change)).refuted is not None


def test_the_entry_that_was_changed_is_named() -> None:
    changed = with_extra(lambda extra: extra["also"][4]["leaf"].update(software="x"))
    assert verify(changed).refuted[0] == ALSO[4]


def test_an_entry_of_another_intent_does_not_belong_there() -> None:
    strange = building.receipt(LOG, ABOUT, [*ALSO, 11])
    assert verify(strange).refuted == (11, "the entry is of another intent")


def test_the_log_is_that_of_the_workspace() -> None:
    """A receipt of one workspace's log does not prove what an entry says of another."""
    log = Log([*history(1), entry("task.concluded", intent="int_1", workspace="other/main")])
    assert verify(building.receipt(log, log.size - 1)).refuted[0] == log.size - 1


def test_values_may_stay_closed() -> None:
    closed = building.receipt(
        LOG, ABOUT, ALSO, change=lambda each: dataclasses.replace(each, opened={})
    )
    verdict = verify(closed)
    assert verdict.verified, verdict.refuted
    assert "Values that the receipt does not open" in " ".join(verdict.not_checked)


def test_witnesses_are_demanded_where_the_policy_does() -> None:
    cosigned = Log(LOG.entries, cosigned=True)
    wanted = policy.parse(cosigned.policy)
    assert verify(building.receipt(cosigned, ABOUT, ALSO), wanted).verified
    assert "cosignatures" in verify(TEXT, wanted).refuted[1]


def test_an_earlier_checkpoint_is_compared_where_that_is_possible() -> None:
    assert verify(since=checkpoint.parse(LOG.checkpoint())).verified
    other = verify(since=checkpoint.parse(LOG.checkpoint(20)))
    assert not other.verified
    assert other.refuted is None
    longer = Log([*LOG.entries, entry("log.read")])
    assert "rolled back" in verify(since=checkpoint.parse(longer.checkpoint())).refuted[1]
    forged = Log([*LOG.entries[:-1], entry("log.read")])
    assert "another history" in verify(since=checkpoint.parse(forged.checkpoint())).refuted[1]


def test_a_log_of_one_entry_has_an_empty_proof() -> None:
    log = Log([entry("task.concluded", intent="int_1", seq=1, data={"outcome": "approved"})])
    assert verify(building.receipt(log, 0)).verified


@pytest.mark.parametrize(
    "text",
    ["", "x", "c2sp.org/tlog-proof@v2\n", "c2sp.org/tlog-proof@v1", TEXT[1:], f"\n{TEXT}"],
)
def test_what_is_no_receipt_is_not_refuted_but_unreadable(text: str) -> None:
    with pytest.raises(Malformed):
        verify(text)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("index 8\n", "index 08\n"),
        lambda text: text.replace("index 8\n", "index -8\n"),
        lambda text: text.replace("index 8\n", ""),
        lambda text: text.replace("index 8\n", "index 9\n"),
        lambda text: text.replace("extra ", "extra  "),
        lambda text: text.replace("extra ", "Extra "),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("\n", "\r\n").replace("v1\r\n", "v1\n", 1),
        lambda text: text + "x",
        lambda text: text[:-1],
        lambda text: text[: len(text) // 2],
        lambda text: "\n".join(text.split("\n")[:1] + text.split("\n")[2:]),
    ],
)
def test_a_receipt_in_another_form_is_refused(change: Callable[[str], str]) -> None:
    assert verify(change(TEXT)).refuted is not None


def test_what_is_told_is_what_is_on_record() -> None:
    story = "\n".join(told(receipt.decode(TEXT)))
    assert "person per_maria answered approved" in story
    assert "strength signed, by passkey" in story
    assert "view shown: Refund 240 EUR to cus_123?" in story
    assert "decided: approved" in story
    assert "2026-11-25T00:00:07.123456Z" in story


def test_telling_ends_whatever_a_leaf_holds() -> None:
    odd = Written({"type": ["x"], "data": 1, "actor": None, "task": {}})
    one = Proven(index=0, leaf=odd.leaf, proof=[], opened={}, shown={"view": "[" * 100_000})
    assert told(receipt.Receipt(about=one, also=[], note=""))
