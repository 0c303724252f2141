"""The log as its readers see it: its standing, checkpoint, tiles, keys and anchors."""

from __future__ import annotations

from signoff.audit.errors import Malformed
from signoff.audit.tiles import WIDTH, parse_path
from signoff.core.moments import rfc3339
from signoff.engine.log.ledger import KeyOfLog
from signoff.engine.ports import KeyKind
from signoff.errors import Forbidden, InvalidInput
from signoff.server import documents as d
from signoff.server import ids
from signoff.server.api.operation import Call, File, NoQuery, Nothing, Reply
from signoff.server.auth import Caller

READERS = frozenset({"auditor", "administrator"})
_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_FOR_EVER = "private, max-age=31536000, immutable"
_GENERATIONS = 10_000


def require_reader(caller: Caller) -> None:
    """Let only auditors and administrators read the log.

    :raises Forbidden: it is a key of somebody else.
    """
    if caller.kind in (KeyKind.AUDITOR, KeyKind.ADMIN):
        return
    if caller.person is None or READERS.isdisjoint(caller.person.roles):
        raise Forbidden("only auditors and administrators read the log")


async def standing(call: Call[None, NoQuery]) -> Reply:
    """How the log stands, and how far behind it is."""
    require_reader(call.caller)
    found = await call.services.ledger.standing(call.caller.workspace)
    now = await call.services.store.now()
    since = found.oldest_waiting
    head = found.head
    return Reply(
        document=d.LogStanding(
            origin=head.origin,
            size=head.size,
            sequenced=head.sequenced,
            waiting=found.waiting,
            lag_seconds=max(0.0, (now - since).total_seconds()) if since else 0.0,
            published_at=rfc3339(head.published_at) if head.published_at else None,
            checkpoint=head.checkpoint or "",
            broken=found.broken,
        )
    )


async def checkpoint(call: Call[None, NoQuery]) -> File:
    """The last checkpoint, as a signed note."""
    require_reader(call.caller)
    found = await call.services.ledger.checkpoint(call.caller.workspace)
    return File.of(found.note.encode(), media_type=_TEXT)


async def tile(call: Call[None, NoQuery]) -> File:
    """A tile of the tree, as C2SP tlog-tiles names it."""
    require_reader(call.caller)
    try:
        level, number, width = parse_path(f"tile/{call.path['tile']}")
    except Malformed:
        raise ids.no_such("tile") from None
    found = await call.services.ledger.tile(call.caller.workspace, (level, number), width)
    cached = _FOR_EVER if width == WIDTH else None
    return File.of(found, media_type=_BYTES, cache_control=cached)


async def keys(call: Call[None, NoQuery]) -> Reply:
    """Every key the log has had."""
    require_reader(call.caller)
    found = await call.services.ledger.keys(call.caller.workspace)
    head = await call.services.ledger.head(call.caller.workspace)
    return Reply(document=d.LogKeys(origin=head.origin, keys=[_key(each) for each in found]))


async def rotate(call: Call[Nothing, NoQuery]) -> Reply:
    """Add a key; both sign until the older one is retired."""
    found = await call.services.ledger.rotate(call.caller.workspace, call.caller.actor)
    return Reply(document=_key(found), created=True)


async def retire(call: Call[Nothing, NoQuery]) -> Reply:
    """Let a key sign no more."""
    given = call.path["generation"]
    if not given.isdecimal() or not given.isascii() or int(given) > _GENERATIONS:
        raise InvalidInput.at("generation", "a generation is a whole number")
    caller = call.caller
    found = await call.services.ledger.retire(caller.workspace, int(given), caller.actor)
    return Reply(document=_key(found))


async def anchors(call: Call[None, NoQuery]) -> Reply:
    """Who was given checkpoints, newest first."""
    require_reader(call.caller)
    found = await call.services.store.anchors(call.caller.workspace)
    shown = [
        d.Anchor(
            kind=each.kind,
            name=each.name,
            size=each.size,
            at=rfc3339(each.at),
            held=each.evidence is not None,
            detail=each.detail,
        )
        for each in found
    ]
    return Reply(document=d.Anchors(anchors=shown))


def _key(key: KeyOfLog) -> d.LogKey:
    return d.LogKey(
        generation=key.generation,
        key=key.key,
        made_at=rfc3339(key.made_at),
        retired_at=rfc3339(key.retired_at) if key.retired_at else None,
    )
