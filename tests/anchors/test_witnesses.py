"""A witness is believed only where its cosignature is good; real ones on loopback, and bad ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from starlette.responses import Response

from signoff.anchors.witness import WitnessAnchor, witnesses
from signoff.audit import note
from signoff.audit.policy import Policy, parse
from signoff.errors import Broken, InvalidInput
from signoff.server.witness import Witness, application
from tests.anchors.logs import WrittenLog
from tests.anchors.serving import answering, endless, listening, served, silent

SEED = b"\7" * 32
NAME = "witness.test/hostile"
VKEY = note.cosigner_vkey(NAME, SEED)
TIME = 1_772_442_000


@asynccontextmanager
async def witnessing(
    folder: Path, log: WrittenLog, *, name: str = "w"
) -> AsyncIterator[WitnessAnchor]:
    """A real witness behind a real socket, and the anchor that asks it."""
    serving = Witness(folder / name, f"witness.test/{name}", log.vkeys)
    async with served(application(serving)) as url:
        yield WitnessAnchor(serving.key.vkey, url)
    serving.close()


async def anchored(anchor: WitnessAnchor, log: WrittenLog) -> str:
    point = log.point()
    evidence = await anchor.anchor(point)
    log.succeeded(point, kind="witness", evidence=evidence)
    return evidence


async def answered(answer: Callable[[bytes], Response], log: WrittenLog | None = None) -> str:
    """Why a witness that answers like this is not believed."""
    async with served(answering(answer, path="/add-checkpoint")) as url:
        with pytest.raises(Broken) as raised:
            await WitnessAnchor(VKEY, url).anchor((log or WrittenLog(5)).point())
    return raised.value.message


def satisfied(policy: Policy, checkpoint: str) -> bool:
    known = [*policy.logs, *(witness.vkey for witness in policy.witnesses)]
    return policy.satisfied({each.key.vkey for each in note.opened(checkpoint, known)})


def saying(text: str) -> Callable[[bytes], Response]:
    return lambda body: Response(text)


def conflict(size: object) -> Response:
    return Response(f"{size}\n", 409, {"Content-Type": "text/x.tlog.size"})


async def test_the_evidence_is_a_cosignature_of_the_checkpoint(tmp_path: Path) -> None:
    log = WrittenLog(5)
    async with witnessing(tmp_path, log) as anchor:
        for by in (0, 3, 1, 90):
            log.grow(by)
            evidence = await anchored(anchor, log)
            assert evidence.startswith("— witness.test/w ")
            assert note.opened(log.checkpoint + evidence, [anchor.vkey])


async def test_one_that_remembers_more_than_we_do_is_asked_once_more(tmp_path: Path) -> None:
    """The other replica has asked it, or this one died before it could write that down."""
    log = WrittenLog(5)
    async with witnessing(tmp_path, log) as anchor:
        await anchor.anchor(log.point())
        log.grow(4)
        evidence = await anchor.anchor(log.point())
    assert note.opened(log.checkpoint + evidence, [anchor.vkey])


async def test_a_rolled_back_log_is_a_failure_that_says_so(tmp_path: Path) -> None:
    log = WrittenLog(5)
    async with witnessing(tmp_path, log) as anchor:
        await anchored(anchor, log)
        with pytest.raises(Broken, match="has cosigned 5 entries and the log has 3"):
            await anchor.anchor(WrittenLog(3).point())


async def test_two_histories_are_a_failure_that_says_so(tmp_path: Path) -> None:
    log = WrittenLog(5)
    async with witnessing(tmp_path, log) as anchor:
        await anchored(anchor, log)
        with pytest.raises(Broken, match="another history of 5 entries"):
            await anchor.anchor(WrittenLog(5, salt="another").point())
        with pytest.raises(Broken, match="HTTP 422"):
            await anchor.anchor(WrittenLog(7, salt="another").point())


async def test_a_witness_that_does_not_know_the_log_is_a_failure(tmp_path: Path) -> None:
    async with witnessing(tmp_path, WrittenLog(5)) as anchor:
        with pytest.raises(Broken, match="HTTP 404"):
            await anchor.anchor(WrittenLog(5, origin="log.test/acme/other").point())


async def test_a_cosignature_of_another_key_is_not_believed() -> None:
    log = WrittenLog(5)
    renamed = note.cosign(log.checkpoint, NAME, b"\1" * 32, TIME)
    stranger = note.cosign(log.checkpoint, "witness.test/other", SEED, TIME)
    its_own = log.checkpoint.splitlines(keepends=True)[-1]
    for line in (renamed, stranger, its_own):
        assert "without a good cosignature" in await answered(saying(line))


async def test_a_cosignature_of_another_checkpoint_is_not_believed() -> None:
    line = note.cosign(WrittenLog(6).checkpoint, NAME, SEED, TIME)
    assert "without a good cosignature" in await answered(lambda _: Response(line))


async def test_lines_of_others_are_left_behind() -> None:
    log = WrittenLog(5)
    good = note.cosign(log.checkpoint, NAME, SEED, TIME)
    other = note.cosign(log.checkpoint, "witness.test/other", b"\1" * 32, TIME)
    app = answering(lambda _: Response(f"{other}rubbish\n{good}"), path="/add-checkpoint")
    async with served(app) as url:
        assert await WitnessAnchor(VKEY, url).anchor(log.point()) == good


async def test_a_conflict_without_an_end_is_asked_twice_and_no_more() -> None:
    asked: list[bytes] = []

    def refuse(body: bytes) -> Response:
        asked.append(body)
        return conflict(len(asked))

    assert "HTTP 409" in await answered(refuse)
    assert [body.split(b"\n")[0] for body in asked] == [b"old 0", b"old 1"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda _: Response("5\n", 409, media_type="text/plain"), "which size it knows"),
        (lambda _: conflict("five"), "which size it knows"),
        (lambda _: conflict("-1"), "which size it knows"),
        (lambda _: conflict("9" * 1000), "which size it knows"),
        (lambda _: conflict("²"), "which size it knows"),
        (lambda _: Response(b"\xff"), "no signature lines"),
        (lambda _: Response(""), "without a good cosignature"),
        (lambda _: Response("— x y\n\n"), "without a good cosignature"),
        (lambda _: Response("", 500), "HTTP 500"),
        (lambda _: Response("", 307, {"Location": "/add-checkpoint"}), "HTTP 307"),
        (lambda _: Response(b"x" * 1_000_000), "more than 65536 bytes"),
    ],
)
async def test_whatever_else_it_answers_is_a_failure(
    answer: Callable[[bytes], Response], says: str
) -> None:
    assert says in await answered(answer)


async def test_a_body_without_an_end_is_a_failure() -> None:
    async with listening(endless) as port:
        with pytest.raises(Broken, match="more than 65536 bytes"):
            await WitnessAnchor(VKEY, f"http://127.0.0.1:{port}").anchor(WrittenLog(1).point())


async def test_one_that_is_not_there_is_a_failure() -> None:
    async with listening(silent) as port:
        pass
    with pytest.raises(Broken, match="cannot be reached"):
        await WitnessAnchor(VKEY, f"http://127.0.0.1:{port}").anchor(WrittenLog(1).point())


async def test_two_of_three_make_the_quorum_and_one_does_not(tmp_path: Path) -> None:
    log = WrittenLog(5)
    async with AsyncExitStack() as stack:
        three = [
            await stack.enter_async_context(witnessing(tmp_path, log, name=name))
            for name in ("a", "b", "c")
        ]
        lines = [await anchor.anchor(log.point()) for anchor in three]
    named = [f"witness {n} {anchor.vkey}\n" for n, anchor in zip("abc", three, strict=True)]
    relied_on = "".join([f"log {log.vkeys[0]}\n", *named, "group most 2 a b c\nquorum most\n"])
    policy = parse(relied_on)
    for chosen in (lines, lines[:2], lines[1:], lines[::2]):
        assert satisfied(policy, log.checkpoint + "".join(chosen))
    for chosen in ([], lines[:1], lines[2:], [lines[0], lines[0]]):
        assert not satisfied(policy, log.checkpoint + "".join(chosen))


def test_the_witnesses_of_a_policy_that_can_be_asked_are_those_with_an_address(
    tmp_path: Path,
) -> None:
    path = tmp_path / "policy"
    other = note.cosigner_vkey("witness.test/other", b"\1" * 32)
    path.write_text(f"witness a {VKEY} https://w.test/x/\nwitness b {other}\nquorum a\n")
    (anchor,) = witnesses(path)
    assert (anchor.kind, anchor.name) == ("witness", NAME)
    for text in ("quorum none\n", f"witness b {other}\nquorum b\n", "rubbish\n"):
        path.write_text(text)
        with pytest.raises(InvalidInput, match="SIGNOFF_ANCHOR_WITNESSES"):
            witnesses(path)
    with pytest.raises(InvalidInput, match="SIGNOFF_ANCHOR_WITNESSES"):
        witnesses(tmp_path / "missing")
