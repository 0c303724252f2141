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

import signoff
from shop import LIMIT, Bank, Request, in_euros, read_amount, read_queue

AT_ONCE = 64
"""How many requests are in hand at a time; one that waits for a person costs next to nothing."""

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

    async def settle(self) -> None:
        request = self.request
        async with self.client.run(
            request.category,
            key=f"refund-{request.id}",
            title=f"{request.id}: {request.category} for {request.customer}",
            payload=request.as_payload(),
        ) as run:
            self.run = run
            work: dict[str, Callable[[], Awaitable[Result]]] = {
                "complaint": self.complaint,
                "vendor_change": self.vendor_change,
                "chargeback": self.chargeback,
                "wire_received": self.wire_received,
                "fraud_report": self.fraud_report,
            }
            run.result = await work.get(request.category, self.refund)()
