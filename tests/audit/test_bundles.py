"""A bundle is verified whole, and whatever was changed in it is found, with the first bad index."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from signoff.audit import checkpoint, note, policy
from signoff.audit.canonical import encode
from signoff.audit.errors import Malformed
from signoff.audit.verify import Verdict, verify_bundle
from tests.audit.building import (
    ORIGIN,
    OTHER,
    SIGNER,
    Log,
    Members,
    Passkey,
    Written,
    answered,
    bundle,
    decision,
    entry,
    erasure,
    history,
    line,
    zipped,
)

PASSKEY = Passkey()
DECISIONS = 120
LOG = Log(history(DECISIONS, passkey=PASSKEY))
MEMBERS = bundle(LOG)
PINNED = policy.parse(LOG.policy)

Verify = Callable[..., Any]  # a verdict, of which tests know what it has


@pytest.fixture
def verify(tmp_path: Path) -> Verify:
    """Verify members, or a log, or entries."""

    def verified(given: Any, policy: policy.Policy | None = PINNED, **asked: Any) -> Verdict:
        members = given if isinstance(given, dict) else bundle(given)
        return verify_bundle(zipped(members, tmp_path / "bundle.zip"), policy, **asked)

    return verified


def lines(members: Members = MEMBERS) -> list[bytes]:
    return members["events.jsonl"].splitlines(keepends=True)


def with_lines(changed: list[bytes]) -> Members:
    return MEMBERS | {"events.jsonl": b"".join(changed)}


def flipped(data: bytes, at: int, bit: int = 1) -> bytes:
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]


def remade(index: int, **leaf: Any) -> list[bytes]:
    """The lines, with other fields in one leaf."""
    changed = lines()
    written = LOG.entries[index]
    changed[index] = line(index, Written(written.leaf | leaf, written.opened))
    return changed


def test_a_whole_log_is_verified(verify: Verify) -> None:
    verdict = verify(LOG)
    assert verdict.refuted is None
    assert verdict.verified
    assert verdict.pinned
    assert f"all {LOG.size} entries" in " ".join(verdict.proved)
    assert f"signed with a passkey of whoever gave them: {DECISIONS}." in " ".join(verdict.proved)
    assert "NOT PINNED" not in " ".join(verdict.not_checked)


def test_without_a_policy_it_says_loudly_that_the_key_was_not_pinned(verify: Verify) -> None:
    verdict = verify(LOG, None)
    assert verdict.verified
    assert not verdict.pinned
    assert "NOT PINNED" in " ".join(verdict.not_checked)


@pytest.mark.parametrize("size", [0, 1, 3, 255, 256, 257, 511, 512, 513, 1030])
def test_logs_of_every_shape_are_verified(verify: Verify, size: int) -> None:
    log = Log([entry("log.read", number=number) for number in range(size)])
    verdict = verify(log)
    assert (verdict.verified, verdict.size) == (True, size)


@pytest.mark.parametrize("index", [0, 1, 255, 256, 300, 511, 512, LOG.size - 1])
class TestTheFirstBadEntryIsNamed:
    def test_a_changed_leaf(self, verify: Verify, index: int) -> None:
        assert verify(with_lines(remade(index, software="other"))).refuted[0] == index

    def test_a_leaf_that_is_backdated(self, verify: Verify, index: int) -> None:
        changed = remade(index, occurred_at="2020-01-01T00:00:00.000000Z")
        assert verify(with_lines(changed)).refuted[0] == index

    def test_a_line_that_is_missing(self, verify: Verify, index: int) -> None:
        changed = lines()
        del changed[index]
        assert verify(with_lines(changed)).refuted[0] == index

    def test_a_line_that_is_there_twice(self, verify: Verify, index: int) -> None:
        changed = lines()
        changed.insert(index, changed[index])
        assert verify(with_lines(changed)).refuted[0] == index + 1

    def test_a_line_that_was_inserted(self, verify: Verify, index: int) -> None:
        changed = lines()
        changed.insert(index, line(index, entry("task.answered", number=9999)))
        assert verify(with_lines(changed)).refuted[0] == index

    def test_a_swap(self, verify: Verify, index: int) -> None:
        changed, before = lines(), max(index - 1, 0)
        changed[before], changed[before + 1] = changed[before + 1], changed[before]
        assert verify(with_lines(changed)).refuted[0] == before

    def test_a_swap_of_leaves_alone(self, verify: Verify, index: int) -> None:
        changed, before = lines(), max(index - 1, 0)
        changed[before] = line(before, LOG.entries[before + 1])
        assert verify(with_lines(changed)).refuted[0] == before

    def test_an_end_that_is_cut_off(self, verify: Verify, index: int) -> None:
        assert verify(with_lines(lines()[:index])).refuted[0] == index

    def test_a_line_that_is_no_json(self, verify: Verify, index: int) -> None:
        changed = lines()
        changed[index] = changed[index][:-2] + b"\n"
        assert verify(with_lines(changed)).refuted[0] == index

    def test_a_line_in_another_form(self, verify: Verify, index: int) -> None:
        changes: list[Callable[[bytes], bytes]] = [
            lambda text: text.replace(b'{"index":', b'{"index": '),
            lambda text: text.replace(b'{"index":', b'{"a":1,"index":'),
            lambda text: text.replace(b'"schema":1', b'"schema":1.0'),
            lambda text: text.replace(b'"schema":1', b'"schema":1,"schema":1'),
            lambda text: text.replace(b'"schema":1', b'"sch\\u0065ma":1'),
            lambda text: b"\n" + text,
        ]
        for change in changes:
            changed = lines()
            changed[index] = change(changed[index])
            assert verify(with_lines(changed)).refuted[0] == index

    def test_a_changed_hash(self, verify: Verify, index: int) -> None:
        name = next(name for name in MEMBERS if name.startswith(f"tile/0/{index // 256:03}"))
        changed = flipped(MEMBERS[name], index % 256 * 32)
        assert verify(MEMBERS | {name: changed}).refuted[0] == index

    def test_a_leaf_that_was_changed_with_its_hash(self, verify: Verify, index: int) -> None:
        """Then the tile no longer fits the one above; of the last one only the root can tell."""
        forged = list(LOG.entries)
        forged[index] = Written(forged[index].leaf | {"software": "x"}, forged[index].opened)
        again = bundle(Log(forged))
        name = next(name for name in MEMBERS if name.startswith(f"tile/0/{index // 256:03}"))
        verdict = verify(with_lines(lines(again)) | {name: again[name]})
        assert verdict.refuted[0] == (None if ".p/" in name else index // 256 * 256)


def test_a_log_that_was_made_anew_has_another_root(verify: Verify) -> None:
    """Every tile was worked out again; only the checkpoint, which needs the key, was not."""
    forged = list(LOG.entries)
    forged[7] = Written(forged[7].leaf | {"software": "x"}, forged[7].opened)
    again = bundle(Log(forged)) | {"checkpoint": MEMBERS["checkpoint"]}
    verdict = verify(again)
    assert verdict.refuted is not None
    assert "another root" in verdict.refuted[1]


def test_a_log_that_was_signed_anew_is_of_another_history(verify: Verify) -> None:
    forged = Log([*LOG.entries[:7], entry("log.read", number=7), *history(200)[8:]])
    since = checkpoint.parse(LOG.checkpoint(300))
    assert "another history" in verify(forged, since=since).refuted[1]
    assert verify(Log(LOG.entries[:300]), since=checkpoint.parse(LOG.checkpoint())).refuted == (
        300,
        f"the log had {LOG.size} entries before: it was rolled back",
    )
    for size in (0, 1, 255, 256, 257, 300, LOG.size):
        verdict = verify(LOG, since=checkpoint.parse(LOG.checkpoint(size)))
        assert verdict.verified, verdict.refuted
        assert f"continues your checkpoint of {size}" in " ".join(verdict.proved)


def test_a_checkpoint_of_another_log_is_not_continued(verify: Verify) -> None:
    other = dataclasses.replace(checkpoint.parse(LOG.checkpoint(300)), origin="log.test/other")
    assert verify(LOG, since=other).refuted is not None


def test_a_part_of_a_log_is_verified_as_a_part(verify: Verify) -> None:
    members = bundle(LOG, chosen=range(253, 260), choice={"since": "2026-11-25T00:04:13.000000Z"})
    verdict = verify(members)
    assert verdict.verified, verdict.refuted
    assert "7 entries are in the log" in " ".join(verdict.proved)
    assert "What was left out" in " ".join(verdict.not_checked)
    early = bundle(LOG, chosen=range(4, 9))
    late = verify(early, since=checkpoint.parse(LOG.checkpoint(300)))
    assert not late.verified
    assert late.refuted is None
    changed = lines(members)
    changed[1], changed[2] = changed[2], changed[1]
    assert verify(members | {"events.jsonl": b"".join(changed)}).refuted[0] == 254
    assert verify(members | {"events.jsonl": b"".join(lines(members)[:-1])}).refuted is not None
    missing = {name: data for name, data in members.items() if not name.startswith("tile/0/001")}
    assert verify(missing).refuted[0] == 256


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("manifest.json", {"origin": "log.test/other/main"}),
        ("manifest.json", {"workspace": "other/main"}),
        ("manifest.json", {"size": LOG.size - 1}),
        ("manifest.json", {"size": LOG.size + 1}),
        ("manifest.json", {"size": 2**52}),
        ("manifest.json", {"size": -1}),
        ("manifest.json", {"size": True}),
        ("manifest.json", {"size": "1"}),
        ("manifest.json", {"entries": LOG.size - 1}),
        ("manifest.json", {"first": 1}),
        ("manifest.json", {"last": 1}),
        ("manifest.json", {"last": None}),
        ("manifest.json", {"more": 1}),
        ("manifest.json", {"filter": 1}),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    verify: Verify, member: str, change: Mapping[str, Any]
) -> None:
    changed = encode(json.loads(MEMBERS[member]) | change)
    assert verify(MEMBERS | {member: changed}).refuted is not None


@pytest.mark.parametrize("name", [name for name in MEMBERS if name != "manifest.json"])
def test_a_member_that_is_missing_is_missed(verify: Verify, name: str) -> None:
    assert verify({key: data for key, data in MEMBERS.items() if key != name}).refuted is not None


@pytest.mark.parametrize(
    "name",
    [
        "evil.txt",
        "../checkpoint",
        "/checkpoint",
        "tile/",
        "tile/0/000/",
        "tile/0/003",
        "tile/0/000.p/5",
        "tile/3/000.p/1",
        "tile/0/٠٠٠",
        "anchors/",
        "anchors/file-1",
        "anchors/file-1-../x",
        "Checkpoint",
        "C:\\checkpoint",
    ],
)
def test_a_member_that_has_no_place_is_refused(verify: Verify, name: str) -> None:
    assert verify(MEMBERS | {name: b"x"}).refuted is not None


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", list(MEMBERS))
def test_a_member_that_is_there_twice_is_refused(tmp_path: Path, name: str) -> None:
    twice = [*MEMBERS.items(), (name, MEMBERS[name])]
    assert verify_bundle(zipped(twice, tmp_path / "b.zip"), PINNED).refuted is not None


@pytest.mark.parametrize("name", [name for name in MEMBERS if name.startswith("tile/")])
def test_every_bit_of_a_tile_counts(verify: Verify, name: str) -> None:
    for at in range(0, len(MEMBERS[name]), 1024):
        assert verify(MEMBERS | {name: flipped(MEMBERS[name], at)}).refuted is not None
    assert verify(MEMBERS | {name: MEMBERS[name][:-32]}).refuted is not None
    assert verify(MEMBERS | {name: MEMBERS[name] + bytes(32)}).refuted is not None


def test_the_checkpoint_is_that_of_the_key(verify: Verify) -> None:
    for other in (Log(LOG.entries, OTHER), Log(LOG.entries, origin=f"elsewhere/{ORIGIN}")):
        assert verify(other).refuted is not None
    members = bundle(Log(LOG.entries, OTHER)) | {"log.vkey": f"{SIGNER.vkey}\n".encode()}
    assert verify(members, None).refuted is not None
    assert verify(MEMBERS | {"log.vkey": b""}, None).verified is False
    assert verify(MEMBERS | {"log.vkey": b"nonsense"}, None).verified is False
    signed = MEMBERS["checkpoint"]
    for at in range(len(signed)):
        changed = flipped(signed, at)
        assert verify(MEMBERS | {"checkpoint": changed}).refuted is not None, at


def test_every_byte_of_the_entries_counts(verify: Verify) -> None:
    """Flipped anywhere in these lines, in a leaf, in a value or in a salt, it is found."""
    small = Log(history(1, passkey=PASSKEY))
    members = bundle(small)
    events = members["events.jsonl"]
    ends = [at for at, byte in enumerate(events) if byte == 0x0A]
    for at in range(0, len(events), 3):
        verdict = verify(members | {"events.jsonl": flipped(events, at)})
        assert verdict.refuted is not None, (at, events[at - 20 : at + 20])
        where = sum(end < at for end in ends)
        assert verdict.refuted[0] in (where, None), (at, verdict.refuted)


def test_witnesses_are_counted(verify: Verify) -> None:
    cosigned = Log(LOG.entries, cosigned=True)
    wanted = policy.parse(cosigned.policy)
    assert "w1" in " ".join(verify(cosigned, wanted).proved)
    assert "cosignatures" in verify(LOG, wanted).refuted[1]
    assert verify(cosigned, PINNED).verified


def test_two_keys_of_one_log_are_either_enough(verify: Verify) -> None:
    rotated = Log(LOG.entries)
    rotated.signers = [SIGNER, OTHER]
    assert verify(rotated, PINNED).verified
    assert verify(rotated, policy.parse(f"log {OTHER.vkey}\nquorum none\n")).verified


class TestValues:
    def opening(self, verify: Verify, **change: str) -> Any:
        """With something else in how a value of entry 5 is opened."""
        written = LOG.entries[5]
        title = dict(written.opened["ask.title"]) | change
        changed = lines()
        changed[5] = line(5, Written(written.leaf, dict(written.opened) | {"ask.title": title}))
        return verify(with_lines(changed))

    def test_a_value_that_was_changed_is_found(self, verify: Verify) -> None:
        for change in ({"value": '"24 EUR"'}, {"salt": "A" * 43}, {"salt": ""}, {"more": "x"}):
            assert self.opening(verify, **change).refuted[0] == 5

    def test_a_salt_is_written_in_one_way(self, verify: Verify) -> None:
        salt = LOG.entries[5].opened["ask.title"]["salt"]
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        same = salt[:-1] + letters[letters.index(salt[-1]) + 1]
        for other in (same, salt + "=", salt.replace("-", "+").replace("_", "/") + "="):
            assert self.opening(verify, salt=other).refuted[0] == 5

    def test_what_was_never_committed_to_is_not_opened(self, verify: Verify) -> None:
        written = LOG.entries[5]
        opened = dict(written.opened) | {"more": written.opened["ask.title"]}
        changed = lines()
        changed[5] = line(5, Written(written.leaf, opened))
        assert verify(with_lines(changed)).refuted[0] == 5

    def test_a_value_that_is_missing_must_have_been_erased(self, verify: Verify) -> None:
        log = history(2)
        log[4] = log[4].without("ask.title")
        assert verify(log).refuted[0] == 4
        for excuse in (erasure("int_1"), erasure("int_1", fields=["ask.title"])):
            verdict = verify([*log, excuse])
            assert verdict.verified, verdict.refuted
            assert "says that it was erased: 1." in " ".join(verdict.proved)
        for none in (
            erasure("int_2"),
            erasure("int_1", fields=["ask.spec"]),
            erasure(None, person_id="per_maria"),
        ):
            assert verify([*log, none]).refuted[0] == 4

    def test_what_was_written_after_an_erasure_is_not_excused_by_it(self, verify: Verify) -> None:
        log = [*history(1), erasure("int_1")]
        late = entry("task.commented", intent="int_1", seq=5, commit={"text": "x"}, number=99)
        assert verify([*log, late]).verified
        assert verify([*log, late.without("text")]).refuted[0] == len(log)

    def test_a_person_can_be_erased(self, verify: Verify) -> None:
        log = history(1)
        log[2] = log[2].without("name", "email")
        assert verify(log).refuted[0] == 2
        assert verify([*log, erasure(None, person_id="per_maria")]).verified
        assert verify([*log, erasure(None, person_id="per_other")]).refuted[0] == 2


class TestIntents:
    def test_an_event_that_was_never_logged_leaves_a_gap(self, verify: Verify) -> None:
        log = history(2)
        del log[6]  # the answer, before it came into the log
        assert log[6].leaf["type"] == "task.concluded"
        index, why = verify(log).refuted
        assert (index, why) == (6, "event 3 of int_1 is missing")

    def test_an_intent_begins_at_its_beginning(self, verify: Verify) -> None:
        log = history(2)
        del log[3]
        assert verify(log).refuted[0] == 3

    def test_an_intent_may_be_older_than_the_log(self, verify: Verify) -> None:
        log = history(2)
        log[0] = entry("log.opened", data={"origin": ORIGIN, "earlier": 2})
        del log[3:5]
        assert verify(log).verified

    def test_one_that_is_older_has_no_gap_either_once_it_is_in_the_log(
        self, verify: Verify
    ) -> None:
        log = history(2)
        log[0] = entry("log.opened", data={"origin": ORIGIN, "earlier": 2})
        del log[6]
        assert verify(log).refuted == (6, "event 3 of int_1 is missing")

    def test_no_event_is_there_twice(self, verify: Verify) -> None:
        log = history(2)
        assert verify([*log, log[6]]).refuted[0] == len(log)

    def test_an_entry_of_another_workspace_does_not_belong_here(self, verify: Verify) -> None:
        log = history(1)
        log.append(entry("log.read", workspace="other/main"))
        assert verify(log).refuted[0] == len(log) - 1

    @pytest.mark.parametrize(
        "leaf",
        [
            {"type": 1},
            {"type": ["x"]},
            {"workspace": ["default/main"]},
            {"seq": "1", "intent": "int_9"},
            {"seq": 1},
            {"seq": 1, "intent": {}},
            {"commitments": []},
            {"commitments": {"x": None}},
            {"type": "task.answered", "data": [], "seq": 1, "intent": "int_9"},
            {"type": "task.answered", "data": {"credential": 1}, "seq": 1, "intent": "int_9"},
            {"type": "task.answered", "data": {"credential": {"signature": 1}}},
            {"type": "task.answered", "digests": {"answer": {}}},
            {"type": "erasure.done", "data": 1},
            {"type": "passkey.added", "data": "x"},
            {"type": "log.opened", "data": None},
        ],
    )
    def test_a_leaf_that_makes_no_sense_is_refuted(
        self, verify: Verify, leaf: dict[str, Any]
    ) -> None:
        """Even where a log has signed it."""
        log = history(1)
        log.append(Written(log[0].leaf | {"type": "log.read"} | leaf))
        assert verify(log).refuted[0] == len(log) - 1


class TestAnchors:
    def anchored(self, size: int, **change: Any) -> Members:
        held = change.get("held", LOG.checkpoint(size))
        return bundle(LOG, anchors={change.get("name", f"file-{size}-anc_1"): (held, b"{}")})

    @pytest.mark.parametrize("size", [0, 1, 256, 300, LOG.size])
    def test_what_others_hold_is_of_this_history(self, verify: Verify, size: int) -> None:
        verdict = verify(self.anchored(size))
        assert verdict.verified, verdict.refuted
        assert "1 file" in " ".join(verdict.proved)

    def test_another_history_is_found(self, verify: Verify) -> None:
        forged = Log([*LOG.entries[:7], entry("log.read"), *LOG.entries[8:]])
        longer = Log([*LOG.entries, entry("log.read")])
        for size, held in (
            (300, forged.checkpoint(300)),
            (LOG.size, forged.checkpoint()),
            (longer.size, longer.checkpoint()),
            (300, LOG.checkpoint(301)),
            (300, Log(LOG.entries, OTHER).checkpoint(300)),
            (300, "nonsense"),
        ):
            assert verify(self.anchored(size, held=held)).refuted is not None

    def test_an_anchor_has_its_checkpoint(self, verify: Verify) -> None:
        members = self.anchored(300)
        del members["anchors/file-300-anc_1.checkpoint"]
        assert verify(members).refuted is not None

    def test_a_part_may_not_have_the_hashes_for_it(self, verify: Verify) -> None:
        held = {"file-300-a": (LOG.checkpoint(300), b"")}
        verdict = verify(bundle(LOG, chosen=range(4, 9), anchors=held))
        assert verdict.verified
        assert "whose hashes are not here: 1 file" in " ".join(verdict.not_checked)


class TestPasskeys:
    def log(self, **answer: Any) -> list[Written]:
        log = history(1, passkey=PASSKEY)
        number = next(at for at, each in enumerate(log) if each.leaf["type"] == "task.answered")
        given: Any = {"passkey": PASSKEY, "intent": "int_1", "task": "tsk_1", "seq": 3} | answer
        log[number] = answered(number=number, **given)
        return log

    @pytest.mark.parametrize("kind", ["eddsa", "es256", "rs256"])
    def test_every_kind_of_key_is_verified(self, verify: Verify, kind: str) -> None:
        passkey = Passkey(kind=kind)
        verdict = verify(history(1, passkey=passkey))
        assert verdict.verified, verdict.refuted
        assert "whoever gave them: 1." in " ".join(verdict.proved)

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"kind": "webauthn.create"}, "something else"),
            ({"challenge": b"x" * 32}, "another answer"),
            ({"relying_party": "evil.test"}, "another site"),
            ({"flags": 0x01}, "not verified"),
            ({"flags": 0x04}, "not verified"),
            ({"person": "per_eve"}, "somebody else"),
            ({"passkey": Passkey("per_eve")}, "nobody had"),
            ({"digests": {"answer": "sha256:00"}}, "digest"),
        ],
    )
    def test_an_assertion_of_something_else_is_refuted(
        self, verify: Verify, change: dict[str, Any], why: str
    ) -> None:
        index, said = verify(self.log(**change)).refuted
        assert index == 7
        assert why in said

    @pytest.mark.parametrize(
        "change",
        [
            {"outcome": "rejected"},
            {"digests": {"view": "sha256:00"}},
            {"task": "tsk_2"},
        ],
    )
    def test_another_statement_under_the_signature_is_refuted(
        self, verify: Verify, change: dict[str, Any]
    ) -> None:
        """The operator, who writes leaves as they like, puts a signature under another answer."""
        true, false = self.log(), self.log(**change)
        signature = true[7].leaf["data"]["credential"]
        false[7].leaf["data"]["credential"] = signature
        index, said = verify(false).refuted
        assert (index, "another answer" in said) == (7, True)

    def test_another_comment_under_the_signature_is_refuted(self, verify: Verify) -> None:
        true, false = self.log(), self.log(comment="Never.", digests=self.log()[7].leaf["digests"])
        false[7].leaf["data"]["credential"] = true[7].leaf["data"]["credential"]
        assert verify(false).refuted[0] == 7

    @pytest.mark.parametrize("name", ["authenticator_data", "client_data", "signature"])
    def test_every_part_of_the_assertion_counts(self, verify: Verify, name: str) -> None:
        for wrong in ("", "A", "!!", "AAAA", 1, None):
            log = self.log()
            log[7].leaf["data"]["credential"]["signature"][name] = wrong
            assert verify(log).refuted[0] == 7
        log = self.log()
        signature = log[7].leaf["data"]["credential"]["signature"]
        half = len(signature[name]) // 2
        other = "A" if signature[name][half] != "A" else "B"
        signature[name] = signature[name][:half] + other + signature[name][half + 1 :]
        assert verify(log).refuted[0] == 7

    def test_a_passkey_signs_from_when_it_was_added_until_it_was_removed(
        self, verify: Verify
    ) -> None:
        log = self.log()
        added = log.pop(3)
        assert "nobody had" in verify([*log, added]).refuted[1]
        removed = entry("passkey.removed", data={"credential_id": PASSKEY.id})
        log = self.log()
        assert verify([*log, removed]).verified
        log.insert(4, removed)
        assert "nobody had" in verify(log).refuted[1]

    def test_an_answer_that_says_signed_is_signed(self, verify: Verify) -> None:
        log = self.log()
        del log[7].leaf["data"]["credential"]["signature"]
        assert "no signature" in verify(log).refuted[1]

    def test_in_a_part_of_a_log_the_registration_may_be_missing(self, verify: Verify) -> None:
        verdict = verify(bundle(LOG, chosen=list(range(4, 9))))
        assert verdict.verified
        assert "registration is not in this file" in " ".join(verdict.not_checked)


def test_a_file_that_is_no_bundle_is_not_refuted_but_unreadable(tmp_path: Path) -> None:
    file = tmp_path / "x"
    whole = zipped(MEMBERS, file).read_bytes()
    for data in (b"", b"PK", b"PK\x03\x04" + b"x" * 100, whole[: len(whole) // 2]):
        file.write_bytes(data)
        with pytest.raises(Malformed):
            verify_bundle(file, PINNED)
    with pytest.raises(Malformed):
        verify_bundle(zipped({"other": b""}, file), PINNED)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = bytes(64 * 1024 * 1024)
    for name in ("events.jsonl", "manifest.json", "checkpoint", "tile/0/000"):
        file = zipped(MEMBERS | {name: bomb}, tmp_path / "b.zip")
        assert verify_bundle(file, PINNED).refuted is not None


def test_decisions_are_told_apart() -> None:
    """The builder makes what it says: a decision of one intent, numbered without a gap."""
    assert [each.leaf.get("seq") for each in decision(0)] == [1, 2, None, 3, 4]
    assert note.parse_vkey(SIGNER.vkey).name == ORIGIN
