"""People who answer by simple rules, each with a key of their own: the shop's staff in the demo.

    SIGNOFF_URL=... SIGNOFF_PEOPLE='{"maria@acme.test": "signoff_person_..."}' python people.py

Nobody here knows more than the inbox shows, or may do more than its owner could. Stop the program,
or the server, whenever you like: whoever was answering looks again and goes on.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from shop import EUROS, in_euros

import signoff
from signoff.errors import Broken, CallerError, WorldMoved

TOO_MUCH = Decimal(800)
"""Above so many euros the approvers want the goods back first."""

LOOKING = (0.15, 0.6)
"""How long people think about one task, in seconds. They are quick, for people."""

Answer = dict[str, Any]


async def main() -> None:
    keys: dict[str, str] = json.loads(os.environ["SIGNOFF_PEOPLE"])
    async with asyncio.TaskGroup() as staff:
        for email, key in keys.items():
            staff.create_task(work(email, key))


async def work(email: str, key: str) -> None:
    """One person's day: look at what waits, think, answer, look again."""
    dice = random.Random(email)  # noqa: S311
    async with signoff.Client(key=key) as client:
        while True:
            try:
                await answer_one(client, dice)
            except WorldMoved:
                continue  # a colleague was faster, or the task changed meanwhile
            except Broken:
                await asyncio.sleep(0.5)  # the server is away; it comes back
            except CallerError as refused:
                print(f"{email}: {refused}", file=sys.stderr)  # not for this person after all
                await asyncio.sleep(0.5)


async def answer_one(client: signoff.Client, dice: random.Random) -> None:
    waiting = [task for task in await client.tasks(mine=True) if not task["awaiting_revision"]]
    await asyncio.sleep(dice.uniform(*LOOKING))
    if waiting:
        task = dice.choice(waiting)
        answer = RULES[task["type"]](task)
        await client.answer(task["id"], **answer, view=task["view_digest"])


def approve(task: signoff.TaskDocument) -> Answer:
    arguments = task["spec"]["action"]["arguments"]
    if task["risk"] == "high":
        return no("rejected", "This text is written for a machine; nobody here pays on its word.")
    if limit := re.search(r"the order was only ([0-9.]+[0-9])", task["description"] or ""):
        edited = arguments | {"amount": limit[1]}
        return yes("approved", data={"arguments": edited}, comment="Not more than they paid.")
    if in_euros(Decimal(arguments["amount"]), arguments["currency"]) > TOO_MUCH:
        return no("rejected", "Only once the goods are back in the warehouse.")
    return yes("approved")


def review(task: signoff.TaskDocument) -> Answer:
    if task["rounds"]:
        return yes("approved", comment="That is a letter.")
    wish = "The right one leaves us today, and we pay for it."
    return no("changes_requested", f"Please add: {wish}")


def confirm(task: signoff.TaskDocument) -> Answer:
    return yes("confirmed", data={"phrase": task["spec"]["phrase"]})


def assign(task: signoff.TaskDocument) -> Answer:
    """A ring of thieves is for the fraud desk, a single case for the first who is named."""
    first, *_, desk = task["spec"]["candidates"]
    ring = "fraud ring" in (task["description"] or "")
    return yes("assigned", data={"assignee": desk if ring else first})


def fill_in(task: signoff.TaskDocument) -> Answer:
    account = {"iban": "DE02120300000000202051", "bank": "Nordbank", "called_back": True}
    return yes("submitted", data=account, comment="They confirmed it on the phone.")


def reply(task: signoff.TaskDocument) -> Answer:
    """The currency the shop mostly sells in; the whole order, where the amount is missing."""
    if task["spec"]["choices"]:
        return yes("answered", data={"answer": next(iter(EUROS))})
    paid = re.search(r"paid ([0-9.]+[0-9])", task["spec"]["question"])
    if paid is None:
        return no("declined", "There is no telling from this.")
    return yes("answered", data={"answer": paid[1]})


def do_it(task: signoff.TaskDocument) -> Answer:
    evidence = ["https://disputes.acme.test/cases/4711", {"kind": "reference", "value": "D-4711"}]
    return yes("completed", data={"done": task["spec"]["checklist"]}, evidence=evidence)


def take_over(task: signoff.TaskDocument) -> Answer:
    result = {"paid": None, "why": "the account is frozen; the customer was called"}
    return yes(
        "overridden",
        data={"action": "replace", "result": result},
        comment="An account in a thief's hands is not for a program.",
    )


def yes(outcome: str, **more: Any) -> Answer:
    return {"outcome": outcome, **more}


def no(outcome: str, comment: str) -> Answer:
    return {"outcome": outcome, "comment": comment}


RULES: dict[str, Callable[[signoff.TaskDocument], Answer]] = {
    "approval": approve,
    "review": review,
    "confirmation": confirm,
    "assignment": assign,
    "form": fill_in,
    "clarification": reply,
    "manual_action": do_it,
    "override": take_over,
}


if __name__ == "__main__":
    asyncio.run(main())
