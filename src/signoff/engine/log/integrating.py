"""Integration: what has a place is hashed into the tree, and the signed checkpoint moves on.

The hashes are made anew from the very bytes that are stored. Nothing is signed unless the tiles on
disk give the root that was signed last, by a key of this log: a log that somebody has tampered with
stops here, loudly. Publishing is a compare-and-swap, so a race is lost without harm, and a failure
that had been a success after all is found out by looking again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from signoff.audit import checkpoint, note
from signoff.audit.checkpoint import Checkpoint
from signoff.audit.errors import Malformed, Refuted
from signoff.audit.signatures import opened
from signoff.audit.tiles import WIDTH, extended, reading, widths
from signoff.audit.tree import EMPTY_ROOT, leaf_hash, root_of
from signoff.core.words import WorkspaceId
from signoff.engine.log.keys import Seal, signers
from signoff.engine.log.ports import LogHead, LogKey, LogStore, Tile
from signoff.errors import LogBroken

AT_ONCE = 2048
"""As many as are hashed without holding up the requests beside it."""


def edge(size: int) -> list[Tile]:
    """The tiles at the right edge of a tree that are not full: all it takes to go on."""
    return [(level, width // WIDTH) for level, width in enumerate(widths(size)) if width % WIDTH]


async def integrate(store: LogStore, workspace: WorkspaceId, seal: Seal) -> int | None:
    """Integrate what has a place and no hash in the tree yet, up to ``AT_ONCE`` entries.

    Returns by how many the checkpoint moved; None where it did not, or somebody else moved it.

    :raises LogBroken: what is stored is not what was signed, or not whole, or nobody is left to
        sign; nothing is signed then.
    """
    head = await store.log_head(workspace)
    if head is None or (head.size == head.sequenced and head.checkpoint is not None):
        return None
    keys = await store.log_keys(workspace)
    old = await store.log_tiles(workspace, edge(head.size))
    require_sound(head, keys, old)
    hashes = await _hashes(store, head)
    new = extended(head.size, hashes, _reader(old))
    size = head.size + len(hashes)
    root = root_of(size, reading(_reader({**old, **new})))
    signed = Checkpoint(origin=head.origin, size=size, root=root).encode()
    those = signers(head.origin, keys, seal)
    if not those:
        raise LogBroken(f"no key is left that signs for {head.origin}; add one")
    moved = await store.publish(
        workspace,
        expected=head.size,
        size=size,
        checkpoint=note.sign(signed, those),
        tiles=new,
    )
    return len(hashes) if moved else None


def require_sound(head: LogHead, keys: Sequence[LogKey], tiles: Mapping[Tile, bytes]) -> None:
    """Raise unless the tiles give the root of the checkpoint, and one of the keys has signed it."""
    if head.checkpoint is None:
        if head.size:
            raise LogBroken(f"the log {head.origin} has entries and no checkpoint")
        return
    vkeys = [note.vkey(head.origin, key.public) for key in keys]
    try:
        signed = opened(head.checkpoint, vkeys)
        said = checkpoint.parse(head.checkpoint)
        root = root_of(head.size, reading(_reader(tiles))) if head.size else EMPTY_ROOT
    except (Malformed, Refuted) as error:
        raise LogBroken(f"the log {head.origin} is damaged: {error}") from None
    if not signed:
        raise LogBroken(f"the checkpoint of {head.origin} is signed by none of its keys")
    if (said.origin, said.size, said.root) != (head.origin, head.size, root):
        raise LogBroken(f"the tree of {head.origin} is not the one its checkpoint was signed for")


async def _hashes(store: LogStore, head: LogHead) -> list[bytes]:
    """The hashes of the leaves that come next, made of the stored bytes.

    :raises LogBroken: a place among them is empty.
    """
    count = min(AT_ONCE, head.sequenced - head.size)
    leaves = await store.log_leaves(head.workspace, head.size, limit=count) if count else ()
    if len(leaves) != count or not all(leaves):
        raise LogBroken(
            f"of the entries {head.size} to {head.size + count - 1} of {head.origin} some are gone"
        )
    return [leaf_hash(leaf.encode()) for leaf in leaves]


def _reader(tiles: Mapping[Tile, bytes]) -> Callable[[int, int], bytes]:
    def read(level: int, number: int) -> bytes:
        try:
            return tiles[level, number]
        except KeyError:
            raise Malformed(f"tile {level}/{number} is missing") from None

    return read
