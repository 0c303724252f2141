"""The shop around the agent: its refund queue, and the bank that pays. Nothing of Signoff here."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

LIMIT = Decimal(150)
"""Up to so many euros the agent decides by itself."""

MOST = 1_000_000
"""No amount of any currency is as much; whoever writes it meant something else."""

EUROS = {
    "EUR": Decimal(1),
    "USD": Decimal("0.92"),
    "GBP": Decimal("1.17"),
    "JPY": Decimal("0.0061"),
}

_INSTRUCTIONS = re.compile(r"SYSTEM:|ignore (all )?previous|</\w+>|maintenance mode", re.IGNORECASE)
_AMOUNT_IN_TEXT = re.compile(r"\b(\d{1,3}(?:,\d{3})*\.\d{2})\s*(?:EUR|USD|GBP|JPY)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One row of the queue. ``repeats`` is the earlier request for the same order, if any."""

    id: str
    category: str
    customer: str
    email: str
    order_id: str
    amount: Decimal | None
    order_total: Decimal | None
    currency: str | None
    country: str
    reason: str
    notes: str
    repeats: str | None

    @property
    def suspicious(self) -> bool:
        """Whether the text talks to the agent instead of about the order."""
        return _INSTRUCTIONS.search(self.reason) is not None

    @property
    def amount_in_text(self) -> Decimal | None:
        """The amount that the words name, which a careless reader would take for the request."""
        found = _AMOUNT_IN_TEXT.search(self.reason)
        return Decimal(found[1].replace(",", "")) if found else None

    @property
    def plain_and_small(self) -> bool:
        """Whether nobody needs to be asked: an ordinary, complete request below the limit."""
        return (
            self.category == "refund"
            and self.amount is not None
            and self.currency is not None
            and in_euros(self.amount, self.currency) <= LIMIT
            and not self.suspicious
        )

    def as_payload(self) -> dict[str, str | bool | None]:
        """What the intent of this request is about, for whoever reads it later."""
        return {
            "id": self.id,
            "category": self.category,
            "customer": self.customer,
            "order_id": self.order_id,
            "amount": str(self.amount) if self.amount is not None else None,
            "currency": self.currency,
            "reason": self.reason,
            "plain_and_small": self.plain_and_small,
        }


def in_euros(amount: Decimal, currency: str) -> Decimal:
    return amount * EUROS[currency]


def read_queue(path: Path) -> Iterator[Request]:
    """Read the queue in order. A row that was exported twice is one request."""
    ids: set[str] = set()
    orders: dict[str, str] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["id"] in ids:
                continue
            ids.add(row["id"])
            first = orders.setdefault(row["order_id"], row["id"])
            yield Request(
                id=row["id"],
                category=row["category"],
                customer=row["customer"],
                email=row["email"],
                order_id=row["order_id"],
                amount=read_amount(row["amount"]),
                order_total=read_amount(row["order_total"]),
                currency=row["currency"] or None,
                country=row["country"],
                reason=row["reason"],
                notes=row["notes"],
                repeats=None if first == row["id"] else first,
            )


def read_amount(text: str) -> Decimal | None:
    """An amount as people write it, or None where it is none that this shop could owe."""
    try:
        amount = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        return None
    owed = amount.is_finite() and 0 < amount < MOST and amount == round(amount, 2)
    return Decimal(f"{amount:f}") if owed else None


class Bank:
    """Pays, and keeps the ledger: one JSON line for each payment.

    Like any bank worth using it recognises a reference it has paid already, which is what makes it
    safe to ask again after a crash. Each line is one write, so a kill never leaves half of one.
    """

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._paid: dict[str, str] = {}
        if ledger.exists():
            for line in ledger.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                self._paid[entry["reference"]] = f"{entry['amount']} {entry['currency']}"

    def pay(self, reference: str, amount: str, currency: str, to: str) -> str:
        """Pay once, and return what was paid for that reference."""
        if reference not in self._paid:
            entry = {"reference": reference, "amount": amount, "currency": currency, "to": to}
            line = json.dumps(entry, ensure_ascii=False) + "\n"
            file = os.open(self._ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line.encode())
            finally:
                os.close(file)
            self._paid[reference] = f"{amount} {currency}"
        return self._paid[reference]
