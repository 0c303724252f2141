"""Exports: every one verifies, whatever part it is of and whatever was erased, even meanwhile."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from signoff.anchors.witness import quorum
from signoff.audit.bundle import Bundle
from signoff.audit.note import cosign, cosigner_vkey
from signoff.audit.policy import parse
from signoff.audit.verify import Verdict, verify_bundle, verify_receipt
from signoff.core import commands as c
from signoff.core.facts import Fact, KeyMade, LogExported
from signoff.core.provenance import Custody
from signoff.core.task import Evidence, RawAnswer
from signoff.core.words import IntentId, KeyId
from signoff.engine.log.exporting import Export, Selection, export
from signoff.engine.log.forgetting import Forgetting, Wanted
from signoff.engine.log.ledger import Ledger
from signoff.engine.log.opening import SIGNOFF
from signoff.engine.log.ports import Anchored, LogEntry
from signoff.errors import NotFound, NotLoggedYet
from signoff.testing.clock import START, ManualClock
from tests.engine.asks import MARIA, WORKSPACE, request, submission
from tests.logs import NO_SEAL, Faulty, Logbook, logbook, signed_out


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def log(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Logbook]:
    async with logbook(f"sqlite:///{tmp_path / 'signoff.db'}", clock=clock) as book:
        await book.sequencer.open_logs()
        yield book


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bundle.zip"


async def test_the_whole_log_verifies(log: Logbook, file: Path) -> None:
    for _ in range(3):
        await _decided(log)
    taken = await _taken(log, file, Selection())
    verdict = _verified(file)
    head = await log.store.log_head(WORKSPACE)
    assert head is not None
    assert (taken.first, taken.last, taken.count) == (0, head.size - 1, head.size)
    assert verdict.size == head.size
    assert (taken.start, taken.end, taken.chosen) == (0, head.size, head.size)


async def test_an_empty_part_verifies_too(log: Logbook, file: Path) -> None:
    since = START - timedelta(days=2)
    await _taken(log, file, Selection(since=since, until=since + timedelta(days=1)))
    with Bundle(file) as bundle:
        assert bundle.manifest["entries"] == 0
    _verified(file)


@pytest.mark.parametrize("size", [255, 256, 257, 600])
async def test_tiles_are_there_at_every_edge(log: Logbook, file: Path, size: int) -> None:
    await log.store.record([signed_out(f"fact {number}") for number in range(size - 2)])
    taken = await _taken(log, file, Selection())
    assert taken.count == size
    _verified(file)


async def test_an_intent_alone_has_only_its_own(log: Logbook, file: Path) -> None:
    one, _ = await _decided(log), await _decided(log)
    await log.store.record([signed_out(f"fact {number}") for number in range(600)])
    taken = await _taken(log, file, Selection(intent_id=one))
    assert {line["leaf"]["intent"] for line in _lines(file)} == {one}
    assert taken.chosen == taken.count == len(_lines(file))
    _verified(file)
    with pytest.raises(NotFound):
        await export(log.store, WORKSPACE, Selection(intent_id=IntentId("int_0")))


async def test_a_time_has_what_was_recorded_in_it(
    log: Logbook, file: Path, clock: ManualClock
) -> None:
    intents = []
    for _ in range(3):
        clock.advance(timedelta(hours=1))
        intents.append(await _decided(log))
    since = START + timedelta(hours=2)
    await _taken(log, file, Selection(since=since, until=since + timedelta(hours=1)))
    assert {line["leaf"]["intent"] for line in _lines(file)} == {intents[1]}
    _verified(file)


async def _names(log: Logbook, intent_id: IntentId) -> list[str]:
    await log.sequencer.flush()
    found = set()
    for entry in await log.store.log_entries_of(WORKSPACE, intent_id):
        found |= set(json.loads(entry.leaf).get("commitments", {}))
    return sorted(found)


async def test_whatever_one_field_is_erased_the_rest_can_still_be_opened(
    log: Logbook, file: Path
) -> None:
    """Every field that is committed to, by its full name and by the last part of it."""
    names = await _names(log, await _decided(log))
    assert len(names) > 8
    for name in sorted({*names, *(each.rpartition(".")[2] for each in names)}):
        intent_id = await _decided(log)
        wanted = Wanted(reason="why", intent_id=intent_id, fields=frozenset({name}))
        done = await Forgetting(log.store, WORKSPACE, SIGNOFF).forget(wanted)
        assert done.entries > 0
        assert name in {each.rpartition(".")[2] for each in done.fields} | done.fields
        left = {each for line in await _of(log, file, intent_id) for each in line["open"]}
        assert left == (set(names) - done.fields) | {"reason"}, name
    await _taken(log, file, Selection())
    _verified(file)


async def test_of_a_person_only_what_names_them_is_gone(log: Logbook, file: Path) -> None:
    intent_id = await _decided(log)
    before = _values(await _of(log, file, intent_id))
    await Forgetting(log.store, WORKSPACE, SIGNOFF).forget(Wanted(reason="", person_id=MARIA.id))
    after = _values(await _of(log, file, intent_id))
    assert {name for name, text in before.items() if "maria" in text.lower()} == {
        name for name in before if name not in after
    }
    assert {name: before[name] for name in after} == after


async def test_a_part_brings_the_erasures_behind_it(
    log: Logbook, file: Path, clock: ManualClock
) -> None:
    intent_id = await _decided(log)
    made = KeyMade(
        key_id=KeyId("key_1"), kind="person", agent=None, person_id=MARIA.id, label="Maria's"
    )
    fact = Fact(workspace=WORKSPACE, id="key", at=clock.now(), actor=MARIA.actor, body=made)
    await log.store.record([fact])
    clock.advance(timedelta(hours=5))
    await log.store.record([signed_out(f"fact {number}") for number in range(700)])
    forgetting = Forgetting(log.store, WORKSPACE, SIGNOFF)
    await forgetting.forget(Wanted(reason="asked", intent_id=intent_id))
    await forgetting.forget(Wanted(reason="left", person_id=MARIA.id))
    early = Selection(until=START + timedelta(hours=1))

    taken = await _taken(log, file, early)

    kinds = [line["leaf"]["type"] for line in _lines(file)]
    assert kinds.count("erasure.done") >= 2
    assert taken.count == taken.chosen + kinds.count("erasure.done")
    _verified(file)


@pytest.mark.parametrize("part", ["all", "a time", "an intent"])
async def test_what_is_erased_while_it_is_written_out_is_excused(
    log: Logbook, file: Path, part: str
) -> None:
    await log.store.record([signed_out(f"fact {number}") for number in range(1200)])
    intent_id = await _decided(log)
    await log.sequencer.flush()
    selection = {
        "all": Selection(),
        "a time": Selection(until=START + timedelta(hours=1)),
        "an intent": Selection(intent_id=intent_id),
    }[part]

    async def erased() -> None:
        wanted = Wanted(reason="asked", intent_id=intent_id)
        await Forgetting(log.store, WORKSPACE, SIGNOFF).forget(wanted)
        log.sequencer.committed(())

    faulty = Faulty(log.store)
    taken = await export(faulty.as_store, WORKSPACE, selection)
    faulty.before["log_entries_of" if part == "an intent" else "log_entries"] = [erased]
    working = asyncio.create_task(log.sequencer.run())
    await _written(taken, file)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)

    assert [line["leaf"]["type"] for line in _lines(file)].count("erasure.done") == 1
    verdict = _verified(file)
    assert any(word == "closed" for word, _ in verdict.facts)


async def test_a_value_that_went_without_a_word_is_shown_and_refuted(
    log: Logbook, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signoff.engine.log.exporting._WAIT_SECONDS", 0.0)
    await _decided(log)
    await log.sequencer.flush()
    faulty = Faulty(log.store)
    faulty.seen["log_entries"] = lambda entries: [_blanked(each) for each in entries]
    await _written(await export(faulty.as_store, WORKSPACE, Selection()), file)
    verdict = verify_bundle(file)
    assert verdict.refuted is not None
    assert "no entry says that it was erased" in verdict.refuted[1]


def _blanked(entry: LogEntry) -> LogEntry:
    """Whoever has the database has taken values away, and written no word about it."""
    if entry.type != "task.answered":
        return entry
    return replace(entry, salts="", erased=("comment", "data"))


async def test_up_to_what_a_witness_has_cosigned_and_nothing_erased_since(
    log: Logbook, file: Path
) -> None:
    first = await _decided(log)
    with pytest.raises(NotLoggedYet):
        await export(log.store, WORKSPACE, Selection(cosigned=True))
    await log.sequencer.flush()
    size = await _cosigned(log)
    await _decided(log)

    taken = await _taken(log, file, Selection(cosigned=True))

    assert taken.published.size == size == taken.count
    assert "witness.test" in taken.published.note
    _verified(file)
    wanted = Wanted(reason="asked", intent_id=first)
    await Forgetting(log.store, WORKSPACE, SIGNOFF).forget(wanted)
    await log.sequencer.flush()
    with pytest.raises(NotLoggedYet, match="erased since"):
        await export(log.store, WORKSPACE, Selection(cosigned=True))


async def test_what_a_quorum_has_cosigned_is_better_than_what_is_newer(
    log: Logbook, tmp_path: Path
) -> None:
    """Two of three, as the policy asks; one of them is down when the next one is cosigned."""
    vkeys = {name: cosigner_vkey(f"witness.test/{name}", _seed(name)) for name in ("a", "b", "c")}
    policy = tmp_path / "policy"
    lines = [f"witness {name} {vkey} https://{name}.test" for name, vkey in vkeys.items()]
    policy.write_text("\n".join([*lines, "group two 2 a b c", "quorum two", ""]))
    ledger = Ledger(log.store, log.sequencer, seal=NO_SEAL, enough=quorum(policy))
    intent_id = await _decided(log)
    sizes = []
    for names in (("a", "c"), ("b",)):
        await log.sequencer.flush()
        sizes.append(await _cosigned(log, *names))
        await _decided(log)
    selection = Selection(cosigned=True)

    taken = await ledger.export(WORKSPACE, selection, MARIA.actor)
    anybodys = await export(log.store, WORKSPACE, selection)
    entries = await log.store.log_entries_of(WORKSPACE, intent_id)
    task_id = next(json.loads(each.leaf)["task"] for each in entries if each.type == "task.opened")
    receipt = await ledger.receipt(WORKSPACE, task_id, MARIA.actor)

    assert (taken.published.size, anybodys.published.size) == tuple(sizes)
    assert f"\n{sizes[0]}\n" in receipt
    (key,) = await ledger.keys(WORKSPACE)
    verdict = verify_receipt(receipt, parse(f"{policy.read_text()}log {key.key}\n"))
    assert any(word == "cosigned" for word, _ in verdict.facts)


async def test_anchors_are_in_it(log: Logbook, file: Path) -> None:
    await _decided(log)
    await log.sequencer.flush()
    await _cosigned(log)
    await _decided(log)
    await _taken(log, file, Selection())
    verdict = _verified(file)
    assert any(word == "anchors" for word, _ in verdict.facts)


async def test_the_same_log_is_the_same_file(log: Logbook, tmp_path: Path) -> None:
    await _decided(log)
    files = [tmp_path / name for name in ("a.zip", "b.zip")]
    for each in files:
        await _taken(log, each, Selection())
    assert files[0].read_bytes() == files[1].read_bytes()


async def test_what_was_committed_when_it_was_asked_for_is_in_it(log: Logbook, file: Path) -> None:
    """Nobody has to wait for the sequencer first."""
    ledger = Ledger(log.store, log.sequencer, seal=NO_SEAL)
    await _decided(log)

    await _written(await ledger.export(WORKSPACE, Selection(), MARIA.actor), file)

    with zipfile.ZipFile(file) as bundle:
        assert bundle.read("events.jsonl").count(b"task.concluded") == 1


async def test_taking_it_is_on_record_with_which_entries(log: Logbook) -> None:
    intent_id = await _decided(log)
    await log.sequencer.flush()
    ledger = Ledger(log.store, log.sequencer, seal=NO_SEAL)
    taken = await ledger.export(WORKSPACE, Selection(intent_id=intent_id), MARIA.actor)
    await log.sequencer.flush()
    last = (await log.store.log_entries_of(WORKSPACE, intent_id))[-1]
    assert last.type == LogExported.type
    data = json.loads(last.leaf)["data"]
    assert (data["first"], data["count"]) == (taken.start, taken.chosen)
    assert data["size"] == taken.published.size


async def test_a_long_log_is_written_piece_by_piece(log: Logbook) -> None:
    await log.store.record([signed_out(f"fact {number}") for number in range(4000)])
    await log.sequencer.flush()
    taken = await export(log.store, WORKSPACE, Selection())
    longest, seen = 0.0, 0
    loop = asyncio.get_running_loop()
    before = loop.time()
    async for chunk in taken.chunks():
        seen = max(seen, len(chunk))
        longest = max(longest, loop.time() - before)
        before = loop.time()
    assert taken.count == 4002
    assert seen < 1024 * 1024


# what these tests do over and over


async def _decided(log: Logbook) -> IntentId:
    """An intent with something in every field that people write."""
    asked = request(
        title="Refund 240 EUR?",
        description="for a broken lamp",
        schema={"type": ["object", "null"]},
        comment="required",
        watchers=["maria@acme.test"],
    )
    submit = replace(
        submission(task=asked),
        payload={"amount": 240, "nested": {"b": [1, {"z": None, "a": "ü"}], "a": 1.5}},
        on_behalf_of="customer:7",
        custody=Custody(subject="customer:7", retention_class="payment"),
    )
    done = await log.door.execute(WORKSPACE, submit)
    assert done.task is not None
    said = c.AnswerTask(
        actor=MARIA.actor,
        task_id=done.task.id,
        raw=RawAnswer(
            outcome="approved",
            comment="fine",
            evidence=(Evidence(kind="link", value="https://ev.test/1"),),
        ),
    )
    await log.door.execute(WORKSPACE, said)
    return done.intent.id


async def _taken(log: Logbook, file: Path, selection: Selection) -> Export:
    await log.sequencer.flush()
    return await _written(await export(log.store, WORKSPACE, selection), file)


async def _written(taken: Export, file: Path) -> Export:
    with file.open("wb") as out:
        async for chunk in taken.chunks():
            out.write(chunk)
    return taken


async def _of(log: Logbook, file: Path, intent_id: IntentId) -> list[dict[str, Any]]:
    await _taken(log, file, Selection(intent_id=intent_id))
    _verified(file)
    return _lines(file)


def _verified(file: Path) -> Verdict:
    verdict = verify_bundle(file)
    assert verdict.refuted is None
    assert verdict.verified
    return verdict


def _lines(file: Path) -> list[dict[str, Any]]:
    with zipfile.ZipFile(file) as bundle:
        return [json.loads(line) for line in bundle.read("events.jsonl").splitlines()]


def _values(lines: list[dict[str, Any]]) -> dict[str, str]:
    """What can be opened, by the index and the name."""
    return {
        f"{line['index']} {name}": opened["value"]
        for line in lines
        for name, opened in line["open"].items()
        if line["leaf"]["type"] != "erasure.done"
    }


async def _cosigned(log: Logbook, *names: str) -> int:
    """The last checkpoint is cosigned by these witnesses; returns its size."""
    head = await log.store.log_head(WORKSPACE)
    assert head is not None
    assert head.checkpoint is not None
    for name in names or ("w1",):
        line = cosign(head.checkpoint, f"witness.test/{name}", _seed(name), 1_772_442_000)
        await log.store.add_anchor(
            Anchored(
                workspace=WORKSPACE,
                id=f"anc_{head.size}_{name}",
                kind="witness",
                name=name,
                size=head.size,
                checkpoint=head.checkpoint,
                at=START,
                evidence=line,
            )
        )
    return head.size


def _seed(witness: str) -> bytes:
    return witness.encode().ljust(32, b".")
