"""The store on PostgreSQL: several servers may use one database, none of them is a leader.

Acknowledged means on the server's disk. The time that counts is the server's, so replicas with
skewed clocks agree. What each part does is in the module it comes from.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime

from signoff.engine.ports import Clock
from signoff.storage.migrate import require_current
from signoff.storage.postgres.credentials import Credentials
from signoff.storage.postgres.database import Database
from signoff.storage.postgres.desks import Desks
from signoff.storage.postgres.directories import Knowledge
from signoff.storage.postgres.entries import Entries
from signoff.storage.postgres.erasing import Erasing
from signoff.storage.postgres.figures import FiguresFound
from signoff.storage.postgres.identities import Identities
from signoff.storage.postgres.links import Links
from signoff.storage.postgres.listing import Lists
from signoff.storage.postgres.log import Logs
from signoff.storage.postgres.notices import Noticed
from signoff.storage.postgres.outages import Outages
from signoff.storage.postgres.passkeys import Passkeys
from signoff.storage.postgres.people import People
from signoff.storage.postgres.preferences import PreferencesKept
from signoff.storage.postgres.push import Pushes
from signoff.storage.postgres.queues import Queues
from signoff.storage.postgres.reading import Reading
from signoff.storage.postgres.schema import PostgresSchema
from signoff.storage.postgres.sessions import Sessions
from signoff.storage.postgres.slack import SlackPosts
from signoff.storage.postgres.transact import Transactions
from signoff.storage.postgres.wakes import Wakes
from signoff.storage.postgres.webhooks import Webhooks
from signoff.storage.remembered import Remembered


class PostgresStore(
    Transactions,
    Knowledge,
    Reading,
    Queues,
    Noticed,
    Outages,
    People,
    Credentials,
    Passkeys,
    PreferencesKept,
    Links,
    Identities,
    SlackPosts,
    Webhooks,
    Lists,
    Pushes,
    Desks,
    Sessions,
    FiguresFound,
    Logs,
    Entries,
    Erasing,
):
    """One database by its address, not opened yet.

    :param clock: stands in for the server's clock, in tests.
    """

    def __init__(self, address: str, *, clock: Clock | None = None) -> None:
        super().__init__(Database(address, clock=clock), Remembered())
        self._schema = PostgresSchema(address)
        self._wakes = Wakes(self._database.connect, name=self._database.name)

    async def open(self) -> None:
        require_current(await self._schema.version(), self._schema.migrations)
        await self._database.open()
        self._wakes = Wakes(self._database.connect, name=self._database.name)

    async def close(self) -> None:
        self._wakes.close()
        await self._database.close()

    async def now(self) -> datetime:
        return await self._database.now()

    def wakes(self) -> AsyncGenerator[frozenset[str], None]:
        return self._wakes.listen()
