"""What an administrator has set: versions that are added one by one and never rewritten."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from signoff.core.calendar import Calendar, Shift
from signoff.core.words import OutageRule, WorkspaceId
from signoff.core.workspace import Limits, WorkspaceSettings
from signoff.engine.ports import Store
from signoff.errors import ChangedMeanwhile
from signoff.testing.contract.world import HERE, THERE, World, loaded_by

DAY = (Shift(start=540, end=720), Shift(start=780, end=1050))
BERLIN = Calendar(
    name="berlin",
    zone="Europe/Berlin",
    hours=(*[DAY] * 5, (), ()),
    holidays="DE-BE",
    days={"2026-12-24": (Shift(start=540, end=720),), "2026-12-26": ()},
)
FULL = WorkspaceSettings(
    version=1,
    zone="Europe/Berlin",
    calendar="berlin",
    calendars={"berlin": BERLIN},
    ladders={"approval": ({"after": "8 working hours", "do": "remind", "max": 3},)},
    outage=OutageRule.STRICT,
    limits=Limits(
        own_ladder=False,
        shortest=timedelta(minutes=5),
        longest=timedelta(days=30, microseconds=1),
        may_conclude={"approval": ("approved",)},
        self_approval=True,
    ),
    may_extend=("role:boss",),
    longest_pause=timedelta(hours=36),
    reply_by_mail=True,
)


async def known(store: Store, workspace: WorkspaceId = HERE) -> WorkspaceSettings:
    """What a batch gets to know of them."""
    loaded = await loaded_by(store, settings=frozenset({workspace}))
    return loaded.directories[workspace].settings


class SettingsContract(World):
    async def test_where_nothing_was_set_the_defaults_hold(self, store: Store) -> None:
        assert await store.settings(HERE) == WorkspaceSettings()
        assert await known(store) == WorkspaceSettings()
        assert (await store.directory(HERE)).settings == WorkspaceSettings()

    async def test_settings_come_back_as_they_were_to_reader_and_batch(
        self, store: Store, replica: Store
    ) -> None:
        await store.save_settings(HERE, FULL, by="admin")

        for each in (store, replica):
            for _ in range(2):  # read, and then remembered
                assert await each.settings(HERE) == FULL
                assert await known(each) == FULL
                assert (await each.directory(HERE)).settings == FULL
            assert await known(each, THERE) == await each.settings(THERE) == WorkspaceSettings()

    async def test_a_batch_goes_by_the_version_another_process_has_just_written(
        self, store: Store, replica: Store
    ) -> None:
        for version in range(1, 4):
            await replica.save_settings(HERE, replace(FULL, version=version), by="admin")
            assert (await known(store)).version == version
            assert (await store.settings(HERE)).version == version

    @pytest.mark.parametrize("version", [0, 1, 3])
    async def test_only_the_next_version_is_taken(self, store: Store, version: int) -> None:
        await store.save_settings(HERE, FULL, by="admin")
        with pytest.raises(ChangedMeanwhile, match="read them again"):
            await store.save_settings(HERE, replace(FULL, version=version, zone="UTC"), by="x")

        assert await store.settings(HERE) == await known(store) == FULL
        await store.save_settings(HERE, replace(FULL, version=2), by="admin")

    async def test_of_those_who_save_at_once_one_wins(self, store: Store, replica: Store) -> None:
        zones = [f"Etc/GMT+{number}" for number in range(1, 9)]

        results = await asyncio.gather(
            *(
                each.save_settings(HERE, WorkspaceSettings(version=1, zone=zone), by=zone)
                for each, zone in zip([store, replica] * 4, zones, strict=True)
            ),
            return_exceptions=True,
        )

        assert [type(one) for one in results if one is not None] == [ChangedMeanwhile] * 7
        won = zones[results.index(None)]
        assert await store.settings(HERE) == WorkspaceSettings(version=1, zone=won)
