"""What the engine needs of a store to know how people want to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from signoff.core.facts import Fact
from signoff.core.preferences import Preferences
from signoff.core.words import PersonId, WorkspaceId


class PreferenceStore(Protocol):
    async def preferences(
        self, workspace: WorkspaceId, people: Sequence[PersonId]
    ) -> Mapping[PersonId, Preferences]:
        """What these people have chosen, without those who have chosen nothing."""
        ...

    async def save_preferences(
        self,
        workspace: WorkspaceId,
        person_id: PersonId,
        chosen: Preferences,
        facts: Sequence[Fact] = (),
    ) -> None:
        """Put these in the place of what the person has chosen before."""
        ...
