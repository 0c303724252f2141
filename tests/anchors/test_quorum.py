"""What two of three witnesses have cosigned satisfies a policy of two of three; one's does not.

The witnesses, the sockets between, the policy and the verifier are the real ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from signoff.anchors.witness import WitnessAnchor
from signoff.audit.policy import Policy, parse
from signoff.audit.verify import verify_bundle, verify_receipt
from signoff.engine.log.anchoring import Point
from signoff.engine.log.cosigned import cosigned
from signoff.engine.log.ports import Anchored
from signoff.server.witness import Witness, application
from tests.anchors.logs import NOW, WORKSPACE, WrittenLog
from tests.anchors.serving import served
from tests.audit import building

LOG = building.Log(building.history(2))
NAMES = ("w1", "w2", "w3")


async def nothing(old: int) -> Sequence[bytes]:
    return ()


POINT = Point(
    workspace=WORKSPACE,
    origin=LOG.origin,
    size=LOG.size,
    checkpoint=LOG.checkpoint(),
    at=NOW,
    last=None,
    consistency=nothing,
)


def row(anchor: WitnessAnchor, evidence: str | None, *, size: int = LOG.size) -> Anchored:
    return Anchored(
        workspace=WORKSPACE,
        id=f"anc_{anchor.name}_{size}",
        kind="witness",
        name=anchor.name,
        size=size,
        checkpoint=POINT.checkpoint,
        at=NOW,
        evidence=evidence,
        detail=None if evidence else "no",
    )


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[list[WitnessAnchor]]:
    async with AsyncExitStack() as stack:
        anchors = []
        for name in NAMES:
            serving = Witness(tmp_path / name, f"{name}.test/signoff", [building.SIGNER.vkey])
            stack.callback(serving.close)
            url = await stack.enter_async_context(served(application(serving)))
            anchors.append(WitnessAnchor(serving.key.vkey, url))
        yield anchors


def two_of(three: Sequence[WitnessAnchor]) -> Policy:
    named = zip(NAMES, three, strict=True)
    lines = [
        f"log {building.SIGNER.vkey}",
        *(f"witness {name} {anchor.vkey} https://{name}.test" for name, anchor in named),
        f"group most 2 {' '.join(NAMES)}",
        "quorum most",
    ]
    return parse("\n".join([*lines, ""]))


@pytest.mark.parametrize(
    ("who", "enough"),
    [
        ((), False),
        ((0,), False),
        ((2,), False),
        ((0, 1), True),
        ((1, 2), True),
        ((0, 2), True),
        ((0, 1, 2), True),
    ],
)
async def test_two_of_three_are_enough_and_one_is_not(
    three: list[WitnessAnchor], tmp_path: Path, who: tuple[int, ...], enough: bool
) -> None:
    rows = [row(three[each], await three[each].anchor(POINT)) for each in who]
    note = dict(cosigned(rows)).get(LOG.size, POINT.checkpoint)
    policy = two_of(three)

    members = building.bundle(LOG) | {"checkpoint": note.encode()}
    bundle = verify_bundle(building.zipped(members, tmp_path / "bundle.zip"), policy)
    receipt = building.receipt(LOG, LOG.size - 1).replace(POINT.checkpoint, note)
    receipted = verify_receipt(receipt, policy)

    assert (bundle.verified, receipted.verified) == (enough, enough)
    if not enough:
        assert bundle.refuted == receipted.refuted
        assert "lacks cosignatures" in str(bundle.refuted)


async def test_a_witness_counts_once_however_often_it_signs(three: list[WitnessAnchor]) -> None:
    lines = [await three[0].anchor(POINT) for _ in range(2)]
    rows = [row(three[0], line) for line in lines]
    (found,) = cosigned(rows)
    receipt = building.receipt(LOG, 0).replace(POINT.checkpoint, found[1])
    assert not verify_receipt(receipt, two_of(three)).verified


async def test_the_newest_comes_first_and_failures_are_none(three: list[WitnessAnchor]) -> None:
    one, two, _ = three
    older = WrittenLog(3, origin=LOG.origin).checkpoint
    rows = [
        row(two, None),
        row(one, "— one\n"),
        replace(row(one, "— one\n", size=3), checkpoint=older),
        replace(row(two, "— two\n", size=3), checkpoint=older),
        replace(row(two, "evidence", size=3), kind="file"),
    ]
    assert cosigned(rows) == [
        (LOG.size, f"{POINT.checkpoint}— one\n"),
        (3, f"{older}— one\n— two\n"),
    ]
