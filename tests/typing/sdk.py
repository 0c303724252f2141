"""What a type checker knows of the SDK. Nothing here runs: mypy reads it, as it reads all tests.

``assert_type`` holds what must be known; an ignored error holds what must be refused, because an
ignore that is not needed is an error itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_type

from pydantic import BaseModel

import signoff


class Refund(BaseModel):
    amount: int


async def fetch(customer: str) -> int: ...  # type: ignore[empty-body]


def add(one: int, two: int) -> int:
    return one + two


async def each_type_has_its_result(client: signoff.Client) -> None:
    assert_type(await client.approval(title="?", assignee="a@b.test"), signoff.Approval)
    assert_type(await client.review(content="x"), signoff.Review)
    assert_type(await client.confirmation(statement="x"), signoff.Confirmation)
    assert_type(await client.assignment(candidates=["a"]), signoff.Assignment)
    assert_type(await client.form(schema={}), signoff.Form[dict[str, Any]])
    assert_type(await client.clarification(question="?"), signoff.Clarification)
    assert_type(await client.manual_action(instructions="x"), signoff.ManualAction)
    assert_type(await client.override(reason="x"), signoff.Override)


async def the_one_line_knows_its_result() -> None:
    assert_type(await signoff.wait_for_human(assignee="a@b.test"), signoff.Approval)
    assert_type(await signoff.wait_for_human(task="approval"), signoff.Approval)
    assert_type(await signoff.wait_for_human(task="review", content=1), signoff.Review)
    assert_type(await signoff.wait_for_human(task="override", reason="x"), signoff.Override)
    assert_type(await signoff.wait_for_human(answer=Refund), signoff.Form[Refund])
    assert_type(await signoff.wait_for_human(task="form", answer=Refund), signoff.Form[Refund])


async def a_model_types_the_data(client: signoff.Client) -> None:
    form = await client.form(answer=Refund, assignee="a@b.test")
    assert_type(form.data, Refund | None)
    assert_type(form.values.amount, int)


async def natural_words_are_typed(run: signoff.Run) -> None:
    assert_type((await run.approval()).arguments, Mapping[str, Any])
    assert_type((await run.clarification()).answer, str | None)
    assert_type((await run.assignment()).assignee, str | None)
    assert_type((await run.manual_action()).done, tuple[str, ...])


async def steps_return_what_their_function_does(run: signoff.Run) -> None:
    assert_type(await run.step("fetch", fetch, "cus_1"), int)
    assert_type(await run.step("add", add, 1, 2), int)
    assert_type(await run.step("typed", lambda: {"amount": 1}, returns=Refund), Refund)


def plain_code_is_typed_as_well(client: signoff.SyncClient) -> None:
    assert_type(client.approval(), signoff.Approval)
    assert_type(client.wait_for_human(answer=Refund), signoff.Form[Refund])
    with client.run("refund", key="r") as run:
        assert_type(run, signoff.SyncRun)
        assert_type(run.step("add", add, 1, 2), int)
        assert_type(run.review(content="x"), signoff.Review)


@signoff.requires_human(assignee="a@b.test")
async def refund(customer: str, amount: int) -> bool: ...  # type: ignore[empty-body]


async def a_guarded_function_keeps_its_signature() -> None:
    assert_type(await refund("cus_1", amount=240), bool)
    await refund("cus_1", "240")  # type: ignore[arg-type]


async def a_chain_takes_stages_written_in_any_way(client: signoff.Client) -> None:
    await client.approval(chain=["role:manager", "role:finance"])
    await client.approval(chain=["role:manager", {"who": "role:finance", "need": 2}])
    stage = signoff.Stage(who="role:finance", need={"role:finance": 2}, veto=["role:audit"])
    await client.review(chain=["role:manager", stage], ladder=[signoff.Rung(after="2 days")])
    await client.approval(calendar=["berlin", signoff.Calendar(zone="UTC", hours="Mon 9:00-10:00")])


async def whoever_answered_is_known(client: signoff.Client) -> None:
    decision = await client.approval(chain=["role:manager", "role:finance"])
    assert_type(decision.answers, tuple[signoff.Answer, ...])
    assert_type(decision.answers[0].for_, str | None)
    assert_type((await client.get_task("task_1"))["stand_ins"][0]["owner"], str)
    assert_type(await client.explain("task_1"), signoff.ExplanationDocument)
    assert_type(await client.comments("task_1"), list[signoff.CommentDocument])


async def mistakes_are_seen(client: signoff.Client) -> None:
    await client.approval(titel="x")  # type: ignore[call-arg]
    await client.approval(checklist=["x"])  # type: ignore[call-arg]
    await client.approval(risk="extreme")  # type: ignore[arg-type]
    await client.approval(outage="kind")  # type: ignore[arg-type]
    signoff.Stage(whom="role:finance")  # type: ignore[typeddict-unknown-key]
    signoff.Rung(after="2h", do="shout")  # type: ignore[typeddict-item]
    (await client.approval()).answer  # type: ignore[attr-defined]  # noqa: B018
    signoff.no_such_name  # type: ignore[attr-defined]  # noqa: B018


async def documents_are_typed(client: signoff.Client) -> None:
    assert_type(await client.tasks(mine=True), list[signoff.TaskDocument])
    assert_type((await client.get_intent("int_1"))["seq"], int)
    async for event in client.events("int_1"):
        assert_type(event["type"], str)
