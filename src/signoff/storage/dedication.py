"""What a database is for: one on which time can be made to jump never serves people."""

from __future__ import annotations

from signoff.engine.ports import DatabaseUse
from signoff.errors import Broken

_REASONS = {
    DatabaseUse.TEST: (
        "this database serves people and is never used for tests, which make time jump; "
        "give the tests a new and empty one"
    ),
    DatabaseUse.LIVE: (
        "this database was made for tests, in which time jumps, and never serves people; "
        "give the server another one"
    ),
}


def require_same(found: DatabaseUse, wanted: DatabaseUse) -> None:
    """Refuse to use a database for what it is not for.

    :raises Broken: it is for the other use.
    """
    if found is not wanted:
        raise Broken(_REASONS[wanted])
