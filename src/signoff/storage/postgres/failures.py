"""What the driver raises, said in our words.

Three things must not be mixed up: a value that no database could keep (the caller's fault), a
transaction that lost a race and may simply run again, and a database that does not answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from signoff.errors import InvalidInput, SignoffError, StoreUnavailable

RACES = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
"""The server gave this transaction up for another one; nothing of it was written."""

_OF_THE_DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
_UNKEEPABLE = (
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.UntranslatableCharacterError,
    UnicodeEncodeError,
)
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    OSError,
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors for the driver's while the block runs."""
    try:
        yield
    except (*_OF_THE_DRIVER, UnicodeEncodeError) as error:
        raise in_our_words(error) from error


def in_our_words(error: Exception) -> SignoffError:
    """The error of ours that says what this one of the driver's means."""
    if isinstance(error, _UNKEEPABLE) or type(error) is asyncpg.DataError:  # the driver's own
        return InvalidInput(
            "a text holds a character that cannot be kept, such as NUL or half a surrogate pair"
        )
    if isinstance(error, asyncpg.ProgramLimitExceededError):
        return InvalidInput("a name or key is too long to be kept")
    reason = type(error).__name__
    if isinstance(error, asyncpg.PostgresError) and error.sqlstate:
        reason = f"{reason}, {error.sqlstate}"
    return StoreUnavailable(f"the database did not answer as it should ({reason}); try again")


def is_lost(error: Exception) -> bool:
    """Whether the connection itself is gone, so that another one may fare better."""
    return isinstance(error, _LOST) and not isinstance(error, TimeoutError)
