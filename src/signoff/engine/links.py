"""What the engine needs of a store for links; spending one is part of the door's transaction."""

from __future__ import annotations

from typing import Protocol

from signoff.core.links import Link


class LinkStore(Protocol):
    async def add_link(self, link: Link) -> None:
        """Keep a link; those that expired a month ago go at the same time."""
        ...

    async def link(self, link_hash: str) -> Link | None:
        """The link of this hash, spent or expired too."""
        ...

    async def miss_link(self, link_hash: str) -> int:
        """Count a wrong code, and return how many there have been; 0 where it is spent or gone."""
        ...
