"""What tests of Signoff, ours and yours, are made with.

The names of the kit are imported when they are first used: pytest loads this package in every run
in which Signoff is installed, and most of these do not use it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff.testing.clock import ManualClock
    from signoff.testing.driver import NothingLeft, NotWaiting
    from signoff.testing.people import Human, Impossible, Refusal
    from signoff.testing.server import SignoffServer

__all__ = [
    "Human",
    "Impossible",
    "ManualClock",
    "NotWaiting",
    "NothingLeft",
    "Refusal",
    "SignoffServer",
]

_HOMES = {
    "Human": "people",
    "Impossible": "people",
    "ManualClock": "clock",
    "NotWaiting": "driver",
    "NothingLeft": "driver",
    "Refusal": "people",
    "SignoffServer": "server",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'signoff.testing' has no attribute {name!r}")
        found = getattr(import_module(f"signoff.testing.{_HOMES[name]}"), name)
        globals()[name] = found
        return found
