"""Scripted people do what the test says, when it says, and are refused what anybody would be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

import signoff
from signoff.testing import Human, Impossible, SignoffServer
from tests.testing.agents import BACKUP, MANAGER, letter, refund

Somebody = Callable[..., Human]


async def test_somebody_rejects_with_a_comment(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    human(MANAGER).rejects(after="1h", comment="Too much.")
    human(BACKUP, roles=["backup"])

    decision = await signoff_server.run(refund())

    assert (decision.outcome, decision.comment) == ("rejected", "Too much.")


async def test_changes_are_requested_and_then_it_is_approved(
    signoff_server: SignoffServer, signoff_client: signoff.Client, human: Somebody
) -> None:
    human(MANAGER).requests_changes("shorter", after="1h").approves(after="2h")
    asked = signoff_server.now

    review = await signoff_server.run(letter(signoff_client))

    assert review.outcome == "approved"
    assert review.at - asked == timedelta(hours=3)


async def test_a_form_is_filled_in(
    signoff_server: SignoffServer, signoff_client: signoff.Client, human: Somebody
) -> None:
    human(MANAGER).answers({"amount": 12}, after="5m")
    schema = {
        "type": "object",
        "properties": {"amount": {"type": "integer"}},
        "required": ["amount"],
    }

    form = await signoff_server.run(
        signoff_client.wait_for_human(task="form", title="?", assignee=MANAGER, schema=schema)
    )

    assert form.data == {"amount": 12}


async def test_an_answer_nobody_could_give_fails_the_test(
    signoff_server: SignoffServer, signoff_client: signoff.Client, human: Somebody
) -> None:
    human(MANAGER).answers(outcome="perhaps")

    with pytest.raises(Impossible, match="perhaps"):
        await signoff_server.run(refund(ladder=[{"after": "1h", "do": "fail"}]))


async def test_of_two_who_race_one_wins_and_the_other_is_told(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    first = human(MANAGER, roles=["approver"]).approves(after="1h")
    second = human(BACKUP, roles=["approver"]).rejects(after="5h").racing(first)

    decision = await signoff_server.run(refund(assignee="role:approver"))

    winner, loser = (first, second) if decision else (second, first)
    assert decision.by == winner.email
    assert [refusal.code for refusal in loser.refused] == ["already_concluded"]
    assert winner.refused == []


@pytest.mark.parametrize("seed", range(6))
async def test_a_flaky_person_comes_late_and_twice_and_decides_once(
    signoff_server: SignoffServer, human: Somebody, seed: int
) -> None:
    flaky = human(MANAGER).approves(after="2h").flaky(seed)
    asked = signoff_server.now

    decision = await signoff_server.run(refund(ladder=[{"after": "72h", "do": "fail"}]))

    assert decision
    assert timedelta(hours=2) <= decision.at - asked <= timedelta(hours=4)
    assert {refusal.code for refusal in flaky.refused} <= {"stale_view", "already_concluded"}
    assert flaky.refused


async def test_whoever_claims_a_task_keeps_others_from_it(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    human(MANAGER, roles=["approver"]).claims(after="1h").approves(after="5h")
    human(BACKUP, roles=["approver"]).rejects(after="2h")
    asked = signoff_server.now

    decision = await signoff_server.run(refund(assignee="role:approver", ladder=[]))

    assert decision.by == MANAGER
    assert decision.at - asked == timedelta(hours=6)


async def test_what_is_about_another_task_is_left_alone(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    human(MANAGER).rejects(about="Salary").approves(about="Refund", after="1h")

    assert await signoff_server.run(refund(ladder=[]))


async def test_a_quorum_needs_everybody_it_says(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    human("e1@acme.test", roles=["engineer"]).approves(after="1h")
    human("e2@acme.test", roles=["engineer"]).approves(after="30h")
    human(MANAGER, roles=["manager"]).approves(after="2h")
    chain = [{"need": {"role:engineer": 2, "role:manager": 1}}]
    asked = signoff_server.now

    decision = await signoff_server.run(refund(assignee=None, chain=chain, ladder=[]))

    assert decision.at - asked == timedelta(hours=30)


async def test_whoever_stands_in_is_asked_as_long_as_the_manager_is_away(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    backup = human(BACKUP).approves(after="1h")
    human(MANAGER).absent(until="5d", substitute=backup)

    decision = await signoff_server.run(refund(ladder=[]))

    assert decision.by == BACKUP


async def test_somebody_lets_another_answer(signoff_server: SignoffServer, human: Somebody) -> None:
    deputy = human(BACKUP).approves(after="1h")
    human(MANAGER).delegates(deputy, after="2h")
    asked = signoff_server.now

    decision = await signoff_server.run(refund(ladder=[]))

    assert decision.by == BACKUP
    assert decision.at - asked == timedelta(hours=3)
