"""Every route of the API in one table. Routing, admission and the OpenAPI document come from it.

Read it as the contract: who may call what, what it says and answers, and what it may refuse. Of two
rows that one path fits, the first is taken.
"""

from __future__ import annotations

from signoff.server.api.operation import Operation
from signoff.server.api.table.audit import AUDIT
from signoff.server.api.table.passkeys import PASSKEYS
from signoff.server.api.table.people import PEOPLE
from signoff.server.api.table.tasks import TASKS
from signoff.server.api.table.webhooks import WEBHOOKS
from signoff.server.api.table.work import INTENTS
from signoff.server.api.table.workspace import WORKSPACE

OPERATIONS: tuple[Operation, ...] = (
    *INTENTS,
    *TASKS,
    *PEOPLE,
    *PASSKEYS,
    *WORKSPACE,
    *WEBHOOKS,
    *AUDIT,
)
"""One row for each method of each path."""
