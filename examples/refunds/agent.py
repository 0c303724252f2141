"""An agent that works through a shop's refund queue and asks people where it should.

    python agent.py requests.csv ledger.jsonl      (SIGNOFF_URL and SIGNOFF_KEY say where to ask)

Each request is one run with a key of its own. Kill the program whenever you like and start it
again: every run is picked up where it was, nobody is asked twice, nothing is paid twice.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from cards import NEW_BANK, doubts, facts, refund_action
from letters import draft_letter, revise_letter
from shop import EUROS, LIMIT, Bank, Request, in_euros, read_amount, read_queue

import signoff

AT_ONCE = 64
"""How many requests are in hand at a time; one that waits for a person costs next to nothing."""

CLOSED = (signoff.IntentClosed, signoff.TaskExpired, signoff.TaskOverridden, signoff.TaskWithdrawn)
"""How people, or the time they have, may end a run: it is none of the agent's any more."""

Result = dict[str, Any]


async def main(queue: Path, ledger: Path) -> None:
    bank = Bank(ledger)
    in_hand = asyncio.Semaphore(AT_ONCE)
    async with signoff.Client() as client, asyncio.TaskGroup() as work:
        for request in read_queue(queue):
            await in_hand.acquire()
            task = work.create_task(Clerk(client, bank, request).settle())
            task.add_done_callback(lambda _: in_hand.release())


class Clerk:
    """Settles one request."""

    def __init__(self, client: signoff.Client, bank: Bank, request: Request) -> None:
        self.client = client
        self.bank = bank
        self.request = request
        self.facts = facts(request)

    async def settle(self) -> None:
        request = self.request
        try:
            await self.client.run_once(
                request.category,
                self.work,
                key=f"refund-{request.id}",
                title=f"{request.id}: {request.category} for {request.customer}",
                payload=request.as_payload(),
            )
        except CLOSED as ended:
            print(f"{request.id}: {ended}", file=sys.stderr)

    async def work(self, run: signoff.Run) -> Result:
        self.run = run
        kinds: dict[str, Callable[[], Awaitable[Result]]] = {
            "complaint": self.complaint,
            "vendor_change": self.vendor_change,
            "chargeback": self.chargeback,
            "wire_received": self.wire_received,
            "fraud_report": self.fraud_report,
        }
        return await kinds.get(self.request.category, self.refund)()

    async def refund(self) -> Result:
        request = self.request
        if request.repeats:
            return unpaid(f"the same order as {request.repeats}, which is settled there")
        amount = request.amount or await self.ask_amount()
        currency = request.currency or await self.ask_currency()
        if amount is None or currency is None:
            return unpaid("nobody could say how much it is")
        if request.suspicious or in_euros(amount, currency) > LIMIT:
            return await self.pay_if_approved(amount, currency)
        return await self.pay(str(amount), currency)

    async def pay(self, amount: str, currency: str) -> Result:
        reference, to = self.request.id, self.request.customer
        return {"paid": await self.run.step("pay", self.bank.pay, reference, amount, currency, to)}

    async def pay_if_approved(self, amount: Decimal, currency: str) -> Result:
        """People approve these very arguments, or edit the amount; what they say is what runs.

        The amount comes from the form's own field, never from the words a stranger wrote.
        """
        request = self.request
        decision = await self.run.approval(
            title=f"Refund {amount} {currency} to {request.customer}?",
            description="\n".join([*doubts(request, amount), self.facts]),
            action=refund_action(request, amount, currency),
            editable=True,
            risk="high" if request.suspicious else "medium",
            assignee="role:approver",
        )
        if not decision:
            return unpaid(f"{decision.by} rejected it: {decision.comment or 'no reason given'}")
        return await self.pay(decision.arguments["amount"], decision.arguments["currency"])

    async def ask_amount(self) -> Decimal | None:
        question = f"The form came without an amount. {self.facts}\nHow much do we refund?"
        for _ in range(3):
            said = await self.run.clarification(
                title=f"How much of order {self.request.order_id}?",
                question=question,
                assignee="role:support",
            )
            if not said.answer:
                return None
            if amount := read_amount(said.answer):
                return amount
            question = f"I cannot read {said.answer!r} as an amount. {self.facts}\nHow much?"
        return None

    async def ask_currency(self) -> str | None:
        said = await self.run.clarification(
            title=f"Which currency was order {self.request.order_id} in?",
            question=f"The form came without a currency. {self.facts}",
            choices=list(EUROS),
            assignee="role:support",
        )
        return said.answer

    async def complaint(self) -> Result:
        request = self.request
        letter = await self.run.step("draft", draft_letter, request.customer, request.order_id)
        review = await self.run.review(
            title=f"Send this letter to {request.customer}?",
            description=self.facts,
            content=letter,
            revise=revise_letter,
            revisions=3,
            assignee="role:support",
        )
        return unpaid("the letter is on its way" if review else "no letter was sent")

    async def vendor_change(self) -> Result:
        form = await self.run.form(
            title=f"New bank details of {self.request.customer}",
            description=self.facts,
            schema=NEW_BANK,
            assignee="role:finance",
        )
        return unpaid("bank details changed", bank=form.data) if form else unpaid("not changed")

    async def chargeback(self) -> Result:
        done = await self.run.manual_action(
            title=f"Answer the chargeback of {self.request.amount} {self.request.currency}",
            instructions=f"Answer the dispute in the card processor's portal. {self.facts}",
            checklist=["proof of delivery uploaded", "dispute answered in the portal"],
            evidence="required",
            assignee="role:finance",
        )
        return unpaid("dispute answered" if done else "dispute not answered", case=done.evidence)

    async def wire_received(self) -> Result:
        wire = f"{self.request.amount} {self.request.currency}"
        seen = await self.run.confirmation(
            title=f"Has the wire from {self.request.customer} arrived?",
            statement=f"{wire} from {self.request.customer} is on our account. {self.facts}",
            phrase=f"{wire} arrived",
            risk="high",
            assignee="role:finance",
        )
        return unpaid("wire confirmed" if seen else "no wire; nothing is sent back")

    async def fraud_report(self) -> Result:
        request = self.request
        owner = await self.run.assignment(
            title=f"Who looks into the fraud report of {request.customer}?",
            description=self.facts,
            candidates=["sam@acme.test", "jonas@acme.test", "group:fraud-desk"],
            assignee="role:operator",
        )
        if request.amount and in_euros(request.amount, request.currency or "EUR") > LIMIT:
            await self.run.override(
                title=f"Take {request.id} out of the agent's hands?",
                reason="Somebody uses this account right now, and the sum is above my limit.",
                assignee="role:operator",
            )
        return unpaid("handed to its owner", owner=owner.assignee)


def unpaid(why: str, **more: Any) -> Result:
    return {"paid": None, "why": why, **more}


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
