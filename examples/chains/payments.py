"""Who must agree to a payment: a manager, then finance; and above 10 000, more people than that."""

from __future__ import annotations

import signoff


async def pay(invoice: str, amount: int) -> bool:
    """Ask a manager, and when they approve, finance."""
    decision = await signoff.wait_for_human(
        task="approval", title=f"Pay {amount} EUR for {invoice}?", key=f"pay-{invoice}",
        chain=["role:manager", "role:finance"],
    )  # fmt: skip
    return bool(decision)


async def pay_with_care(invoice: str, amount: int) -> list[str]:
    """Ask a manager; above 10 000 also two of finance, none of whom was the manager."""
    decision = await signoff.wait_for_human(
        task="approval",
        title=f"Pay {amount} EUR for {invoice}?",
        key=f"pay-{invoice}",
        payload={"invoice": invoice, "amount": amount},
        chain=[
            signoff.Stage(who="role:manager"),
            signoff.Stage(who="role:finance", need=2, distinct=True, when="payload.amount > 10000"),
        ],
    )
    return [answer.by for answer in decision.answers]
