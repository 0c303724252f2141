"""The letters the shop writes. A language model would sit here; a template does, so that you can
run this without one. Nothing of Signoff here."""

from __future__ import annotations

_CLOSING = "\n\nKind regards\nYour shop"


def draft_letter(customer: str, order_id: str) -> str:
    return (
        f"Dear {customer},\n\nwe are sorry: order {order_id} came in the wrong shade, again."
        f"{_CLOSING}"
    )


def revise_letter(comment: str, letter: str) -> str:
    """Put what the reviewer asked for into the letter, before it closes."""
    wish = comment.removeprefix("Please add: ")
    return f"{letter.removesuffix(_CLOSING)} {wish}{_CLOSING}"
