"""What people are shown of a request, and what they may fill in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shop import Request

AMOUNT = r"^[1-9][0-9]{0,5}(\.[0-9]{1,2})?$"

NEW_BANK = {
    "type": "object",
    "properties": {
        "iban": {"type": "string", "title": "New IBAN", "pattern": "^[A-Z]{2}[0-9A-Z]{13,32}$"},
        "bank": {"type": "string", "title": "Name of the bank", "minLength": 2},
        "called_back": {"const": True, "title": "I called them on the number we already had"},
    },
    "required": ["iban", "bank", "called_back"],
    "additionalProperties": False,
}


def facts(request: Request) -> str:
    """The request as people need to see it; the customer's own words are quoted as such."""
    known = [
        f"Order {request.order_id}",
        f"paid {request.order_total}" if request.order_total else "",
        request.country,
        request.notes,
    ]
    return f"{', '.join(filter(None, known))}. They write: “{request.reason}”"


def doubts(request: Request, amount: Decimal) -> list[str]:
    """What a careful clerk would point out."""
    found = []
    if request.suspicious:
        named = f" and names {request.amount_in_text}" if request.amount_in_text else ""
        found.append(f"Careful: the text talks to the agent{named}. The form says {amount}.")
    if request.order_total and amount > request.order_total:
        found.append(f"Careful: the order was only {request.order_total}.")
    return found


def refund_action(request: Request, amount: Decimal, currency: str) -> dict[str, Any]:
    """What would be paid, as people see it; its schema lets them edit the amount and no more."""
    arguments = {
        "reference": request.id,
        "amount": str(amount),
        "currency": currency,
        "customer": request.customer,
    }
    fixed = {name: {"const": value} for name, value in arguments.items()}
    schema = {
        "type": "object",
        "properties": fixed | {"amount": {"type": "string", "pattern": AMOUNT}},
        "required": list(arguments),
        "additionalProperties": False,
    }
    return {"name": "refund", "arguments": arguments, "schema": schema}
