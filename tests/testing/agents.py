"""Agents under test, as their authors would write them: none of them knows of any test."""

from __future__ import annotations

from typing import Any

import signoff

MANAGER = "mgr@acme.test"
BACKUP = "backup@acme.test"

THREE_DAYS: list[dict[str, Any]] = [
    {"after": "24h", "do": "remind", "every": "8h", "max": 3},
    {"after": "48h", "do": "escalate", "to": "role:backup"},
    {"after": "72h", "do": "fail"},
]


async def refund(**asked: Any) -> signoff.Approval:
    """Ask the manager, or whom the fields say."""
    fields: dict[str, Any] = {"assignee": MANAGER, "ladder": THREE_DAYS, **asked}
    return await signoff.wait_for_human(task="approval", title="Refund 240 EUR?", **fields)


async def letter(client: signoff.Client) -> signoff.Review:
    """Ask for a review, and shorten the draft as often as somebody wishes."""

    def shorter(comment: str, content: str) -> str:
        return content[: len(content) // 2]

    return await client.wait_for_human(
        task="review",
        title="A letter to the customer",
        content="Dear customer, ...",
        assignee=MANAGER,
        revise=shorter,
    )


class Crash(BaseException):
    """The process dies."""


class Shop:
    """What the agent does to the world: it pays, and it had better pay once."""

    def __init__(self) -> None:
        self.paid: list[int] = []
        self.crash_after_paying = False

    async def pay(self, amount: int) -> int:
        self.paid.append(amount)
        return amount


async def paying(client: signoff.Client, shop: Shop) -> int:
    """A run: ask, pay, wait a day, ask whether the money came."""
    async with client.run("refund", key="refund-4711") as run:
        if not await run.approval(title="Refund 240 EUR?", assignee=MANAGER):
            run.result = 0
            return 0
        paid = await run.step("pay", shop.pay, 240)
        if shop.crash_after_paying:
            raise Crash
        await run.sleep("let it arrive", "1d")
        await run.confirmation(statement="The money has arrived.", assignee=MANAGER)
        run.result = paid
    return int(run.result)
