"""A witness cosigns one history of each log it knows, and answers as C2SP tlog-witness says."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from signoff.audit import note, witness
from signoff.errors import Broken, InvalidInput
from signoff.server.witness import Witness, application
from tests.anchors.logs import WrittenLog

NAME = "witness.test/w1"
NOW = 1_772_442_000


class Asked:
    """A witness that is asked over HTTP, without a socket."""

    def __init__(self, folder: Path, *logs: WrittenLog) -> None:
        vkeys = [vkey for log in logs for vkey in log.vkeys]
        self.witness = Witness(folder, NAME, vkeys, now=lambda: float(NOW))
        transport = httpx2.ASGITransport(application(self.witness))
        self._http = httpx2.AsyncClient(transport=transport, base_url="http://witness.test")

    async def post(self, body: bytes) -> httpx2.Response:
        return await self._http.post("/add-checkpoint", content=body)

    async def add(
        self, log: WrittenLog, old: int, *, proof: tuple[bytes, ...] | None = None
    ) -> httpx2.Response:
        if proof is None:
            proof = tuple(await log.proof(old)) if 0 < old < log.size else ()
        asked = witness.AddCheckpoint(old=old, proof=proof, note=log.checkpoint)
        return await self.post(asked.encode())

    async def close(self) -> None:
        await self._http.aclose()
        self.witness.close()


@pytest.fixture
def log() -> WrittenLog:
    return WrittenLog(5)


@pytest.fixture
async def asked(tmp_path: Path, log: WrittenLog) -> AsyncIterator[Asked]:
    asked = Asked(tmp_path, log)
    yield asked
    await asked.close()


async def require_memory(asked: Asked, log: WrittenLog, size: int) -> None:
    """The witness still remembers this size, and nothing of what it has refused."""
    answer = await asked.add(log, size + 1 if size < log.size else 0)
    assert (answer.status_code, answer.text) == (409, f"{size}\n")


async def test_the_first_checkpoint_is_cosigned(asked: Asked, log: WrittenLog) -> None:
    answer = await asked.add(log, 0)
    assert answer.status_code == 200
    assert answer.text.startswith(f"— {NAME} ")
    assert answer.text.endswith("\n")
    assert answer.text.count("\n") == 1
    vkeys = [asked.witness.key.vkey]
    assert note.opened(log.checkpoint + answer.text, vkeys)


async def test_a_later_one_is_cosigned_with_its_proof(asked: Asked, log: WrittenLog) -> None:
    await asked.add(log, 0)
    log.grow(7)
    assert (await asked.add(log, 5)).status_code == 200
    assert (await asked.add(log, 12)).status_code == 200, "the same once more"
    log.grow(1)
    await require_memory(asked, log, 12)


async def test_another_old_size_is_answered_with_the_one_it_knows(
    asked: Asked, log: WrittenLog
) -> None:
    await asked.add(log, 0)
    log.grow(2)
    for old in (0, 3, 7):
        answer = await asked.add(log, old)
        assert answer.status_code == 409
        assert answer.headers["Content-Type"] == "text/x.tlog.size"
        assert answer.content == b"5\n"


async def test_a_rollback_is_refused(asked: Asked, log: WrittenLog) -> None:
    await asked.add(log, 0)
    earlier = WrittenLog(3)
    for old in (0, 3):
        answer = await asked.add(earlier, old)
        assert (answer.status_code, answer.text) == (409, "5\n")
    assert (await asked.add(earlier, 5)).status_code == 400
    await require_memory(asked, log, 5)


async def test_another_history_of_the_same_size_is_refused(asked: Asked, log: WrittenLog) -> None:
    await asked.add(log, 0)
    forked = WrittenLog(5, salt="another")
    answer = await asked.add(forked, 5)
    assert (answer.status_code, answer.text) == (409, "5\n")
    assert (await asked.add(log, 5)).status_code == 200


async def test_another_history_that_goes_on_is_refused(asked: Asked, log: WrittenLog) -> None:
    await asked.add(log, 0)
    forked = WrittenLog(9, salt="another")
    assert (await asked.add(forked, 5)).status_code == 422
    log.grow(4)
    assert (await asked.add(log, 5)).status_code == 200


async def test_a_proof_that_proves_nothing_is_refused(asked: Asked, log: WrittenLog) -> None:
    await asked.add(log, 0)
    log.grow(3)
    good = tuple(await log.proof(5))
    assert good
    bad = [(), good[:-1], (*good, bytes(32)), good[::-1], (bytes(32), *good[1:])]
    for proof in bad:
        assert (await asked.add(log, 5, proof=proof)).status_code == 422
    await require_memory(asked, log, 5)


async def test_from_nothing_no_proof_is_taken(asked: Asked, log: WrittenLog) -> None:
    assert (await asked.add(log, 0, proof=(bytes(32),))).status_code == 422
    await require_memory(asked, log, 0)


async def test_a_log_nobody_named_is_unknown(asked: Asked) -> None:
    stranger = WrittenLog(5, origin="log.test/acme/other")
    assert (await asked.add(stranger, 0)).status_code == 404


async def test_a_checkpoint_of_another_key_is_refused(asked: Asked, log: WrittenLog) -> None:
    forger = WrittenLog(5)
    forger.seeds = [b"\1" * 32]
    assert (await asked.add(forger, 0)).status_code == 403
    text, _, signatures = log.checkpoint.partition("\n\n")
    changed = text.replace("\n5\n", "\n6\n") + "\n\n" + signatures
    body = witness.AddCheckpoint(old=0, proof=(), note=changed).encode()
    assert (await asked.post(body)).status_code == 403
    await require_memory(asked, log, 0)


async def test_a_new_key_signs_beside_the_one_that_is_known(asked: Asked, log: WrittenLog) -> None:
    log.add_key()
    assert (await asked.add(log, 0)).status_code == 200


async def test_two_keys_of_one_log_may_be_known(tmp_path: Path) -> None:
    log = WrittenLog(5)
    log.add_key()
    asked = Asked(tmp_path, log)
    del log.seeds[0]
    assert (await asked.add(log, 0)).status_code == 200
    await asked.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"old 0\n", b""),
        (b"old 0\n", b"old -1\n"),
        (b"old 0\n", b"old 00\n"),
        (b"old 0\n", b"old  0\n"),
        (b"old 0\n", b"old 0 \n"),
        (b"old 0\n", b"old 0\r\n"),
        (b"old 0\n", b"old 99999999999999999999\n"),
        (b"old 0\n", "old ٥\n".encode()),
        (b"old 0\n", b"old 0\nAAAA\n"),
        (b"old 0\n", b"old 0\n" + b"A" * 43 + b"\n"),
        (b"old 0\n", b"old 0\n" + (b"A" * 43 + b"=\n") * 64),
        (b"old 0\n", b"old 0\n" + b"A" * 42 + b"B=\n"),
        (b"old 0\n\n", b"old 0\n"),
        (b"log.test", b"\xff"),
        (b"\n5\n", b"\n05\n"),
        (b"\n5\n", b"\n-5\n"),
        ("— ".encode(), b"- "),
    ],
)
async def test_what_is_no_request_is_a_bad_one(
    asked: Asked, log: WrittenLog, before: bytes, after: bytes
) -> None:
    body = witness.AddCheckpoint(old=0, proof=(), note=log.checkpoint).encode()
    assert before in body
    assert (await asked.post(body.replace(before, after, 1))).status_code == 400
    await require_memory(asked, log, 0)


async def test_a_huge_request_is_refused(asked: Asked) -> None:
    answer = await asked.post(b"old 0\n\n" + b"x" * 1_000_000)
    assert answer.status_code == 413


async def test_a_request_is_read_as_it_was_written(log: WrittenLog) -> None:
    log.grow(3)
    asked = witness.AddCheckpoint(old=5, proof=tuple(await log.proof(5)), note=log.checkpoint)
    assert witness.parsed(asked.encode()) == asked


async def test_a_restart_keeps_the_key_and_the_memory(tmp_path: Path, log: WrittenLog) -> None:
    first = Asked(tmp_path, log)
    await first.add(log, 0)
    await first.close()
    again = Asked(tmp_path, log)
    assert again.witness.key == first.witness.key
    log.grow(2)
    await require_memory(again, log, 5)
    assert (await again.add(WrittenLog(5, salt="another"), 5)).status_code == 409
    await again.close()


async def test_of_two_at_once_the_smaller_does_not_come_last(
    tmp_path: Path, log: WrittenLog
) -> None:
    """The race of the specification; two processes are as good as one."""
    one, two = Asked(tmp_path, log), Asked(tmp_path, log)
    await one.add(log, 0)
    bodies = []
    for by in (1, 6):
        longer = WrittenLog(5 + by)
        proof = tuple(await longer.proof(5))
        bodies.append(witness.AddCheckpoint(old=5, proof=proof, note=longer.checkpoint).encode())
    asking = [each.post(body) for each in (one, two) for body in bodies * 4]
    answers = await asyncio.gather(*asking)
    (won,) = [answer for answer in answers if answer.status_code == 200]
    others = {answer.text for answer in answers if answer is not won}
    (known,) = others
    assert {answer.status_code for answer in answers if answer is not won} == {409}
    assert note.opened(WrittenLog(int(known)).checkpoint + won.text, [one.witness.key.vkey])
    await one.close()
    await two.close()


async def test_what_is_cosigned_is_remembered_before_the_cosignature_leaves(
    tmp_path: Path, log: WrittenLog
) -> None:
    """Its clock is read for the cosignature; by then another process sees the new size."""
    other = Asked(tmp_path, log)
    seen: list[str] = []

    def now() -> float:
        rows = other.witness.remembered()
        seen.extend(f"{each.origin} {each.size}" for each in rows)
        return float(NOW)

    serving = Witness(tmp_path, NAME, log.vkeys, now=now)
    asked = witness.AddCheckpoint(old=0, proof=(), note=log.checkpoint)
    assert (await serving.answer(asked.encode())).status_code == 200
    assert seen == [f"{log.origin} 5"]
    serving.close()
    await other.close()


def test_only_its_owner_reads_the_key(tmp_path: Path, log: WrittenLog) -> None:
    Witness(tmp_path, NAME, log.vkeys).close()
    path = tmp_path / "witness.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(Broken, match="chmod 600"):
        Witness(tmp_path, NAME, log.vkeys)


def test_what_a_policy_needs_is_in_a_file_of_its_own(tmp_path: Path, log: WrittenLog) -> None:
    serving = Witness(tmp_path, NAME, log.vkeys)
    assert (tmp_path / "witness.vkey").read_text() == f"{serving.key.vkey}\n"
    serving.close()


def test_a_key_is_not_used_under_another_name(tmp_path: Path, log: WrittenLog) -> None:
    Witness(tmp_path, NAME, log.vkeys).close()
    with pytest.raises(Broken, match="never used under two names"):
        Witness(tmp_path, "witness.test/w2", log.vkeys)


@pytest.mark.parametrize("empty", [False, True])
def test_a_key_that_has_forgotten_signs_nothing(
    tmp_path: Path, log: WrittenLog, empty: bool
) -> None:
    Witness(tmp_path, NAME, log.vkeys).close()
    (tmp_path / "witness.db").unlink()
    if empty:
        (tmp_path / "witness.db").touch()
    for _ in range(2):  # a refusal leaves nothing behind that would let the next one in
        with pytest.raises(Broken, match="but not what it has cosigned"):
            Witness(tmp_path, NAME, log.vkeys)


async def test_a_memory_without_its_key_gets_no_new_one(tmp_path: Path, log: WrittenLog) -> None:
    asked = Asked(tmp_path, log)
    await asked.add(log, 0)
    await asked.close()
    (tmp_path / "witness.key").unlink()
    with pytest.raises(Broken, match="is missing"):
        Witness(tmp_path, NAME, log.vkeys)
    assert not (tmp_path / "witness.key").exists()


def test_what_is_no_key_of_a_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no key of a log"):
        Witness(tmp_path, NAME, ["rubbish"])
