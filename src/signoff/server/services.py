"""What the handlers of the server work with, put together by ``signoff.app``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from signoff.channels.push.sender import PushSender
from signoff.channels.slack.api import SlackApi
from signoff.channels.webhooks.delivering import Delivering
from signoff.config import Settings
from signoff.engine.addressing import Addressing
from signoff.engine.execute import Door
from signoff.engine.log.anchoring import Anchoring
from signoff.engine.log.ledger import Ledger
from signoff.engine.outbox import Notices
from signoff.engine.pickups import Pickups
from signoff.engine.ports import Store
from signoff.engine.timers import Timers
from signoff.engine.views import Views
from signoff.engine.wakeups import Wakeups
from signoff.server.oidc import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One running Signoff. ``failing`` names the background loops that do not run just now.

    :param timers: for whoever moves the clock; likewise ``notices``.
    """

    settings: Settings
    store: Store
    door: Door
    wakeups: Wakeups
    pickups: Pickups
    ledger: Ledger
    views: Views
    push: PushSender
    failing: Callable[[], frozenset[str]] = field(default=frozenset)
    timers: Timers | None = None
    notices: Notices | None = None
    anchoring: Anchoring | None = None
    slack: SlackApi | None = None
    delivering: Delivering | None = None
    addressing: Addressing | None = None
    oidc: Provider | None = None
