"""How a person wants to be told, and to read."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from signoff.core.plan import NoticeReason
from signoff.core.preferences import Digest, Theme
from signoff.server.api.bodies.words import Body

ClockTime = Annotated[str, Meta(max_length=8, examples=["22:00"])]
ChannelName = Annotated[str, Meta(max_length=20, description="`slack`, `email` or `chat`.")]
Language = Annotated[str, Meta(max_length=10, examples=["de"])]


class GivenQuietHours(Body):
    """When nothing rings, by the person's own clock; it may go over midnight."""

    start: ClockTime
    end: ClockTime
    urgent: Annotated[
        bool, Meta(description="Whether what is urgent rings all the same: high risk, reminders.")
    ] = True


class GivenFilter(Body):
    """A view of the inbox, by a name. `query` is the part of its address after `?`."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    query: Annotated[str, Meta(max_length=1000)]


class PreferencesChange(Body):
    """What is left out stays as it is; what is null goes back to what holds for everybody."""

    language: Language | None | UnsetType = UNSET
    theme: Theme | None = None
    channels: Annotated[list[ChannelName], Meta(max_length=3)] | None | UnsetType = UNSET
    everywhere: (
        Annotated[bool, Meta(description="Over all of them at once, not the first that works.")]
        | None
    ) = None
    muted: (
        Annotated[list[NoticeReason], Meta(max_length=20, description="Told in the inbox alone.")]
        | None
    ) = None
    quiet: GivenQuietHours | None | UnsetType = UNSET
    digest: Digest | None = None
    digest_at: ClockTime | None = None
    filters: Annotated[list[GivenFilter], Meta(max_length=20)] | None = None
