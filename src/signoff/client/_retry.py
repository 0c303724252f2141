"""When to try again, and how long to rest first: decisions as data, taken without any I/O.

Trying again is always safe: every write carries an idempotency key.
"""

from __future__ import annotations

from dataclasses import dataclass

from signoff.client._messages import NoAnswer, Reply, Response

FIRST_REST = 0.1
LONGEST_REST = 5.0
LONGEST_HEEDED = 30.0
"""Seconds. A ``Retry-After`` beyond the last is cut to it."""

_PASSING = frozenset({429, 502, 503, 504})
"""Statuses that say: not now. A proxy in front of a server being deployed says them too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to go on trying, in seconds from the first failure on; None for ever.

    :param loud: say so at once, because somebody may be sitting in front of it.
    """

    seconds: float | None
    loud: bool = False


SHORT = Patience(seconds=4.0, loud=True)
"""For a plain call: a few tries."""

LONG = Patience(seconds=60.0, loud=True)
"""For the writes of a run or a request to people: longer than a server takes to be replaced."""

ENDLESS = Patience(seconds=None)
"""While waiting for a person: a server that is away for a night is no reason to give up."""


def passing(reply: Reply) -> bool:
    """Whether the same request may well succeed a little later."""
    return isinstance(reply, NoAnswer) or reply.status in _PASSING


def rest(failures: int, reply: Reply | None = None) -> float:
    """Seconds to rest at most after so many failures in a row.

    It doubles up to a cap, and is never less than what the server asks for.
    """
    grown = min(LONGEST_REST, FIRST_REST * 2.0 ** min(failures - 1, 16))
    return max(grown, _asked_for(reply))


def reason(reply: Reply) -> str:
    """What went wrong, in a word or two."""
    return reply.reason if isinstance(reply, NoAnswer) else f"status {reply.status}"


def _asked_for(reply: Reply | None) -> float:
    text = reply.headers.get("retry-after", "") if isinstance(reply, Response) else ""
    return min(float(text), LONGEST_HEEDED) if text.isdigit() else 0.0
