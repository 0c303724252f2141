"""The specification of every store: whatever passes this may stand behind the one door.

    class TestMyStore(StoreContract):
        @pytest.fixture
        def open_store(self, tmp_path: Path) -> OpenStore:
            ...

``open_store`` returns a function from a clock to an async context manager: a store opened on the
database of this test, which is empty but for its schema. Every call of it is another process, as
it were: its own connections, the same database. Needs pytest-asyncio in its ``auto`` mode.
"""

from __future__ import annotations

from signoff.testing.contract.credentials import CredentialContract
from signoff.testing.contract.desks import DeskContract
from signoff.testing.contract.door import DoorContract
from signoff.testing.contract.erasing import ErasingContract
from signoff.testing.contract.facts import FactContract
from signoff.testing.contract.figures import FigureContract
from signoff.testing.contract.forgetting import ForgettingContract
from signoff.testing.contract.identities import IdentityContract
from signoff.testing.contract.knowing import KnowingContract
from signoff.testing.contract.links import LinkContract
from signoff.testing.contract.listing import ListContract
from signoff.testing.contract.loading import LoadingContract
from signoff.testing.contract.log import LogContract
from signoff.testing.contract.notices import NoticeContract
from signoff.testing.contract.outages import OutageContract
from signoff.testing.contract.outbox import OutboxContract
from signoff.testing.contract.people import PeopleContract
from signoff.testing.contract.places import PlaceContract
from signoff.testing.contract.preferences import PreferenceContract
from signoff.testing.contract.push import PushContract
from signoff.testing.contract.reading import ReadingContract
from signoff.testing.contract.refusing import RefusingContract
from signoff.testing.contract.sessions import SessionContract
from signoff.testing.contract.settings import SettingsContract
from signoff.testing.contract.slack import SlackContract
from signoff.testing.contract.timers import TimerContract
from signoff.testing.contract.webhooks import WebhookContract
from signoff.testing.contract.world import OpenStore

__all__ = ["OpenStore", "StoreContract"]


class StoreContract(
    DoorContract,
    RefusingContract,
    LoadingContract,
    KnowingContract,
    ReadingContract,
    ListContract,
    PushContract,
    DeskContract,
    TimerContract,
    OutboxContract,
    NoticeContract,
    OutageContract,
    PeopleContract,
    SettingsContract,
    PreferenceContract,
    CredentialContract,
    SessionContract,
    FigureContract,
    LinkContract,
    IdentityContract,
    SlackContract,
    WebhookContract,
    LogContract,
    PlaceContract,
    FactContract,
    ErasingContract,
    ForgettingContract,
):
    """Every sentence that a store has to keep."""
