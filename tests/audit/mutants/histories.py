"""Whole histories that were made anew: later, shorter, by another key, of another workspace.

Whoever has the key can sign another history; that it is another is seen against an earlier
checkpoint, an anchor or a witness. No entry of it is a bad one then: only the root is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from signoff.audit import note
from tests.audit.building import (
    OTHER,
    SIGNER,
    Log,
    Members,
    Written,
    bundle,
    entry,
    history,
    manifest,
)
from tests.audit.mutants.mutant import Family, Made, Mutant, seeded, stored
from tests.audit.mutants.specimens import (
    LOG,
    RANGE,
    WHOLE,
    WITNESSES,
    Witnessed,
    cosignature,
    story,
)

SIZE = 300
FULL = story(erased=False)
ENTRIES = FULL[:SIZE]
TRUE = Log(ENTRIES)
KEY_ONLY = TRUE.policy
_BACK = "2020-01-01T00:00:00.000000Z"


def backdated() -> Iterator[Mutant]:
    """An entry is given another time, and more and more of what proves it is made anew."""
    random = seeded("backdated")
    for at in sorted(random.sample(range(LOG.size), 24)):
        full = at // 256 < LOG.size // 256
        yield _mutant(
            f"entry {at} of the whole, with its tile", _with_tile, at, index=_block(at, full=full)
        )
    for at in sorted(random.sample(range(SIZE), 20)):
        later = random.randrange(at + 1, SIZE + 1)
        yield _mutant(f"entry {at}, with all tiles", _with_tiles, at)
        yield _mutant(f"entry {at}, signed with another key", _signed_by_other, at)
        yield _mutant(f"entry {at}, with the signatures of the true one", _old_signatures, at)
        yield _mutant(f"entry {at}, signed anew, no witness", _unwitnessed, at)
        since = TRUE.checkpoint(later)
        yield _mutant(f"entry {at}, signed anew, since {later}", _signed, at, since=since)
        yield _mutant(f"entry {at}, signed anew, anchored at {later}", _anchored, at, later)


def rolled_back() -> Iterator[Mutant]:
    """A log that is shorter than it was: the first that is missing is named."""
    random = seeded("rolled back")
    for size in sorted({0, 1, 255, 256, 257, 512, *random.sample(range(LOG.size), 34)}):
        since = LOG.checkpoint(random.randrange(size + 1, LOG.size + 1))
        yield _mutant(f"the first {size} entries", _first, size, index=size, since=since)
        yield _mutant(f"the checkpoint of {size} with all the rest", _older_checkpoint, size)
        yield _mutant(f"the tree of {size} with all lines", _more_lines, size, index=size)


def split_views() -> Iterator[Mutant]:
    """Two histories with one beginning, both signed by the log."""
    random = seeded("split views")
    for at in sorted(random.sample(range(2, SIZE - 2), 30)):
        seen = random.randrange(at + 1, SIZE + 1)
        since = TRUE.checkpoint(seen)
        yield _mutant(f"from {at} on, seen at {seen}", _branch, at, since=since)
        yield _mutant(f"from {at} on, anchored at {seen}", _anchored_branch, at, seen)
        yield _mutant(f"from {at} on, witnessed", _witnessed_branch, at)
        yield _mutant(f"from {at} on, as a part", _part_of_branch, at, since=since)


def others() -> Iterator[Mutant]:
    """Logs of other workspaces and of other keys, that hold in themselves."""
    origin = "log.test/default/other"
    strange = note.Signer(name=origin, seed=SIGNER.seed)
    entries = [entry("log.opened", workspace="default/other"), *ENTRIES[1:40]]
    other = Log(entries, strange, origin=origin)
    own = bundle(other)
    ours = bundle(Log(ENTRIES[:40]))
    forged = bundle(Log(ENTRIES[:40], OTHER))
    forged_history = bundle(Log(history(8), OTHER))
    mallory = Witnessed(ENTRIES[:40])
    mallory.signers = [OTHER]
    for name, members in {
        "another workspace's bundle": own,
        "another workspace's checkpoint": ours | {"checkpoint": own["checkpoint"]},
        "another workspace's checkpoint and key": ours
        | {name: own[name] for name in ("checkpoint", "log.vkey")},
        "another workspace's manifest": ours | {"manifest.json": own["manifest.json"]},
        "our bundle with another key": forged,
        "our bundle with another key and our vkey": forged | {"log.vkey": ours["log.vkey"]},
        "a bundle of another history and key": forged_history,
        "our entries with another's checkpoint": ours | {"checkpoint": forged["checkpoint"]},
        "another key that witnesses have cosigned": bundle(mallory),
    }.items():
        yield Mutant(name=name, make=_made(members, policy=KEY_ONLY))
        yield Mutant(name=f"{name}, of our policy", make=_made(members, policy=WHOLE.policy))
    for at in range(1, 40, 3):
        mixed = list(ENTRIES[:40])
        mixed[at] = entry("log.read", workspace="default/other", number=at)
        name = f"an entry of another workspace at {at}"
        yield Mutant(name=name, make=_made(bundle(Log(mixed)), at, policy=KEY_ONLY))


def left_out() -> Iterator[Mutant]:
    """Parts of which something is missing, with a manifest that fits what is left."""
    places = list(RANGE.places)
    for at in range(1, len(places) - 2, 2):
        rest = [*places[:at], *places[at + 1 :]]
        name = f"a range without {places[at]}"
        yield Mutant(name=name, make=_part(rest, {"since": _BACK}, places[at]))
    closed = next(each for each in places if LOG.entries[each].leaf.get("intent") == "int_55")
    lacking = _part(places[:-1], {"since": _BACK}, closed)
    yield Mutant(name="a range without the erasure behind it", make=lacking)
    for number in range(1, 112, 4):
        own = [
            at for at, each in enumerate(LOG.entries) if each.leaf.get("intent") == f"int_{number}"
        ]
        events = [at for at in own if "seq" in LOG.entries[at].leaf]
        for at, following in pairwise(events[1:]):
            rest = [each for each in own if each != at]
            choice = {"intent": f"int_{number}"}
            yield Mutant(name=f"an intent without {at}", make=_part(rest, choice, following))


def _part(places: Sequence[int], choice: Mapping[str, str], index: int) -> Callable[[], Made]:
    return lambda: Made(stored(bundle(LOG, chosen=places, choice=choice)), index, WHOLE.policy)


def _with_tile(at: int) -> Made:
    """Only the tile of its hash fits."""
    log = _changed(LOG, at)
    again = bundle(log)
    name = WHOLE.tile_name(at // 256)
    members = WHOLE.members | {"events.jsonl": again["events.jsonl"], name: again[name]}
    return Made(stored(members), policy=WHOLE.policy)


def _with_tiles(at: int) -> Made:
    again = bundle(_changed(TRUE, at))
    return Made(stored(again | {"checkpoint": TRUE.checkpoint().encode()}), policy=KEY_ONLY)


def _signed_by_other(at: int) -> Made:
    return Made(stored(bundle(Log(_changed(TRUE, at).entries, OTHER))), policy=KEY_ONLY)


def _old_signatures(at: int) -> Made:
    log = _changed(TRUE, at)
    text = log.checkpoint().partition("\n\n")[0]
    old = TRUE.checkpoint().partition("\n\n")[2]
    return Made(stored(bundle(log) | {"checkpoint": f"{text}\n\n{old}".encode()}), policy=KEY_ONLY)


def _unwitnessed(at: int) -> Made:
    """The log signs it, and the witnesses have cosigned the true one."""
    true, log = Witnessed(ENTRIES), _changed(TRUE, at)
    false = Witnessed(log.entries, witnesses=())
    cosigned = "".join(cosignature(true.checkpoint(), each) for each in WITNESSES)
    members = bundle(false) | {"checkpoint": (false.checkpoint() + cosigned).encode()}
    return Made(stored(members), policy=true.policy)


def _signed(at: int) -> Made:
    return Made(stored(bundle(_changed(TRUE, at))), policy=KEY_ONLY)


def _anchored(at: int, size: int) -> Made:
    held = {f"file-{size}-ledger": (TRUE.checkpoint(size), b"{}")}
    return Made(stored(bundle(_changed(TRUE, at), anchors=held)), policy=KEY_ONLY)


def _first(size: int) -> Made:
    return Made(stored(bundle(Witnessed(FULL[:size]))), policy=WHOLE.policy)


def _older_checkpoint(size: int) -> Made:
    members = WHOLE.members | {
        "checkpoint": LOG.checkpoint(size).encode(),
        "manifest.json": manifest(LOG.origin, size, range(size)),
    }
    return Made(stored(members), policy=WHOLE.policy)


def _more_lines(size: int) -> Made:
    members = bundle(Witnessed(FULL[:size])) | {"events.jsonl": WHOLE.events}
    return Made(stored(members), policy=WHOLE.policy)


def _forked(at: int) -> Log:
    other = [entry("log.read", number=5000 + each) for each in range(SIZE - at)]
    return Log([*ENTRIES[:at], *other])


def _branch(at: int) -> Made:
    """Its intents may lack events: it ends where the numbers do not tell."""
    return Made(stored(bundle(_forked(at))), policy=KEY_ONLY)


def _anchored_branch(at: int, seen: int) -> Made:
    held = {f"file-{seen}-ledger": (TRUE.checkpoint(seen), b"{}")}
    return Made(stored(bundle(_forked(at), anchors=held)), policy=KEY_ONLY)


def _witnessed_branch(at: int) -> Made:
    """One witness was deceived; two are wanted."""
    false = Witnessed(_forked(at).entries, witnesses=("w2",))
    return Made(stored(bundle(false)), policy=false.policy)


def _part_of_branch(at: int) -> Made:
    """All leaves' tiles are there, so that the earlier root can be worked out."""
    places = range(SIZE - 1) if at % 2 else range(1, SIZE)
    members = bundle(_forked(at), chosen=places, choice={"since": _BACK})
    return Made(stored(members), policy=KEY_ONLY)


def _changed(log: Log, at: int) -> Log:
    """With another time in one entry."""
    entries = list(log.entries)
    times = {"occurred_at": _BACK, "recorded_at": _BACK}
    entries[at] = Written(entries[at].leaf | times, entries[at].opened)
    again = Log(entries)
    hashes = list(log.hashes)
    hashes[at] = Log([entries[at]]).hashes[0]
    again.__dict__["hashes"] = hashes
    return again


def _block(at: int, *, full: bool) -> int | None:
    return at // 256 * 256 if full else None


def _made(members: Members, index: int | None = None, *, policy: str) -> Callable[[], Made]:
    return lambda: Made(stored(members), index, policy)


def _mutant(
    name: str,
    make: Callable[..., Made],
    *arguments: int,
    index: int | None = None,
    since: str | None = None,
) -> Mutant:
    return Mutant(name=name, make=lambda: make(*arguments)._replace(bad=index, since=since))


FAMILIES: dict[str, Family] = {
    "backdated": backdated,
    "rolled back": rolled_back,
    "split views": split_views,
    "others": others,
    "left out": left_out,
}
