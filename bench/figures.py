"""Numbers as they are reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report.

    :param limit: what the machine itself can do of this, in the same unit, where there is such.
    :param goal: what we mean to reach, in words.
    """

    name: str
    store: str
    value: float
    unit: str
    limit: float | None = None
    goal: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.limit if self.limit else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio}


def percentile(seconds: Sequence[float], share: float) -> float:
    """The value below which ``share`` of all lie; seconds in, milliseconds out."""
    ranked = sorted(seconds)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000
