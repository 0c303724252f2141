"""How people want to be told: what they chose last, and nothing of anybody else."""

from __future__ import annotations

from datetime import time

from signoff.core.plan import NoticeReason
from signoff.core.preferences import (
    Channel,
    Digest,
    Preferences,
    QuietHours,
    SavedFilter,
    Theme,
)
from signoff.engine.ports import Store
from signoff.testing.contract.world import HERE, JONAS, MARIA, THERE, World

CHOSEN = Preferences(
    language="de",
    theme=Theme.DARK,
    channels=(Channel.EMAIL, Channel.SLACK),
    everywhere=True,
    muted=(NoticeReason.COMMENTED,),
    quiet=QuietHours(start=time(22, 0), end=time(6, 30), urgent=False),
    digest=Digest.DAILY,
    digest_at=time(8, 15),
    filters=(SavedFilter(name="Big ones", query="risk=high&q=refund"),),
)


class PreferenceContract(World):
    async def test_who_has_chosen_nothing_is_not_there(self, store: Store) -> None:
        assert await store.preferences(HERE, [MARIA.id]) == {}
        assert await store.preferences(HERE, []) == {}

    async def test_what_somebody_chose_last_comes_back_as_it_was(self, store: Store) -> None:
        await store.save_preferences(HERE, MARIA.id, Preferences(theme=Theme.LIGHT))
        await store.save_preferences(HERE, MARIA.id, CHOSEN)

        assert await store.preferences(HERE, [MARIA.id, JONAS.id]) == {MARIA.id: CHOSEN}
        assert await store.preferences(THERE, [MARIA.id]) == {}
