"""Verifies bundles and receipts: what is proved, what could not be checked, what is refuted.

It reads what it is given and nothing else: no network, no server, no clock. What is wrong with an
entry is found before what is wrong with the hashes above it, so that the entry can be named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from . import checkpoint, receipt
from .bundle import Bundle
from .checkpoint import Checkpoint
from .entries import Entry, parsed
from .errors import Malformed, Refuted
from .merkle import HASH_SIZE, WIDTH, hashes_in, reading, root, root_from, root_of, width
from .policy import NONE, Policy
from .rules import Rules
from .signatures import ED25519, opened, parse_vkey, split
from .timestamps import stamped_at

Progress = Callable[[int, int], None]
"""Called now and then: how many entries are done, of how many."""
Finding = tuple[str, dict[str, object]]
"""A word, and what belongs into its sentence (``wording``)."""
_BEAT = 4096


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What came of it.

    :param signed: whether a signature of the log was verified at all.
    :param pinned: whether with a key from a policy, and not one that was handed over with it.
    :param undecided: something was asked for that this file cannot answer.
    :param refuted: the first bad index, where there is one, and why.
    """

    kind: str
    origin: str = ""
    size: int = 0
    root: str = ""
    signed: bool = False
    pinned: bool = False
    undecided: bool = False
    facts: list[Finding] = field(default_factory=list)
    gaps: list[Finding] = field(default_factory=list)
    refuted: tuple[int | None, str] | None = None

    @property
    def verified(self) -> bool:
        return self.refuted is None and self.signed and not self.undecided

    @property
    def proved(self) -> list[str]:
        """In sentences."""
        from .wording import PROVED, sentences

        return sentences(self.facts, PROVED)

    @property
    def not_checked(self) -> list[str]:
        """In sentences."""
        from .wording import NOT_CHECKED, sentences

        return sentences(self.gaps, NOT_CHECKED)

    def prove(self, word: str, **values: object) -> None:
        self.facts.append((word, values))

    def leave(self, word: str, **values: object) -> None:
        self.gaps.append((word, values))


def verify_bundle(
    path: Path,
    policy: Policy | None = None,
    since: Checkpoint | None = None,
    progress: Progress | None = None,
    *,
    tsa_roots: bytes | None = None,
) -> Verdict:
    """Check a bundle with all that is in it.

    :param since: a checkpoint of the same log that was kept from before.
    :param tsa_roots: certificates of timestamp authorities that are trusted, in PEM.
    :raises Malformed: the file is no bundle, or is damaged.
    """
    verdict = Verdict(kind="bundle")
    try:
        with Bundle(path) as bundle:
            now = _checkpoint(verdict, bundle.note, bundle.keys, policy)
            _entries(verdict, bundle, now, progress)
            _since(verdict, bundle, now, since)
            _anchors(verdict, bundle, now, policy, tsa_roots)
    except Refuted as found:
        verdict.refuted = found.index, found.why
    verdict.leave("never")
    return verdict


def verify_receipt(
    text: str, policy: Policy | None = None, since: Checkpoint | None = None
) -> Verdict:
    """Check a receipt. Without a policy its signature is checked only where it brings a key.

    :raises Malformed: the text is no receipt.
    """
    if not text.startswith(f"{receipt.FIRST_LINE}\n"):
        raise Malformed("the file is neither a bundle nor a receipt")
    verdict = Verdict(kind="receipt")
    try:
        found = receipt.decode(text)
        now = _checkpoint(verdict, found.note, found.keys, policy)
        _story(verdict, found, now)
        _since(verdict, None, now, since)
    except Refuted as refuted:
        verdict.refuted = refuted.index, refuted.why
    except Malformed as malformed:
        verdict.refuted = None, str(malformed)
    verdict.leave("rest")
    verdict.leave("never")
    return verdict


def _checkpoint(
    verdict: Verdict, note: str, keys: Sequence[str], policy: Policy | None
) -> Checkpoint:
    """The checkpoint, signed by the log and cosigned as the policy wants it."""
    pinned = policy.logs if policy else ()
    witnesses = policy.witnesses if policy else ()
    try:
        now = checkpoint.parse(note)
        own = [key for key in pinned or keys if key.startswith(f"{now.origin}+")]
        found = opened(note, own + [each.vkey for each in witnesses])
        if any((key := parse_vkey(each)).vkey != each or key.name != now.origin for each in keys):
            raise Malformed("a key that came with it is of another log")
    except Malformed as error:
        raise Refuted(f"the checkpoint: {error}") from None
    verdict.origin, verdict.size, verdict.root = now.origin, now.size, now.root.hex()
    signed = [each.key.id.hex() for each in found if each.key.kind == ED25519]
    if signed:
        verdict.prove("signed", origin=now.origin, size=now.size, keys=", ".join(signed))
    elif pinned or keys:
        whose = "of your policy" if pinned else "that came with it"
        raise Refuted(f"no key {whose} has signed the checkpoint of {now.origin}")
    verdict.signed, verdict.pinned = bool(signed), bool(signed and pinned)
    if not pinned:
        verdict.leave("pinned" if signed else "unsigned")
    times = {each.key.vkey: each.time for each in found if each.time is not None}
    if policy is None or policy.quorum == NONE:
        verdict.leave("witnesses")
    elif policy.satisfied(times):
        names = [each.name for each in witnesses if each.vkey in times]
        verdict.prove("cosigned", names=", ".join(names), time=min(times.values()))
    else:
        raise Refuted("the checkpoint lacks cosignatures that your policy demands")
    return now


def _entries(verdict: Verdict, bundle: Bundle, now: Checkpoint, progress: Progress | None) -> None:
    """Every entry is the one that the checkpoint covers, and all of them together are sound."""
    said = bundle.manifest
    complete = said["filter"] is None
    if (said["origin"], said["size"]) != (now.origin, now.size):
        raise Refuted("the manifest speaks of another log, or of another size, than the checkpoint")
    if not now.origin.endswith(f"/{said['workspace']}"):
        raise Refuted(f"the log {now.origin} is not that of the workspace {said['workspace']}")
    doubt = _doubt(bundle, now)
    rules = Rules(said["workspace"], complete=complete, chosen=said["filter"])
    first, last, count = None, -1, 0
    number, tile, spoilt = -1, b"", False
    for line in bundle.lines():
        entry = _placed(line, count, last, now.size, complete=complete)
        if entry.index // WIDTH != number:
            _require_sound(number, spoilt=spoilt)
            number = entry.index // WIDTH
            tile, spoilt = bundle.tile(0, number), _spoilt(bundle, 0, number)
        at = entry.index % WIDTH * HASH_SIZE
        if tile[at : at + HASH_SIZE] != entry.hash:
            raise Refuted("the entry is not the one that the checkpoint covers", entry.index)
        rules.take(entry)
        first, last, count = entry.index if first is None else first, entry.index, count + 1
        if progress and count % _BEAT == 0:
            progress(count, said["entries"])
    _require_sound(number, spoilt=spoilt)
    if complete and count != now.size:
        raise Refuted(f"the bundle ends after {count} entries, and there are more", count)
    ends = said["entries"], said["first"], said["last"]
    if (count, first, last if count else None) != ends:
        raise Refuted("the manifest speaks of other entries than the bundle has")
    if doubt is not None:
        raise doubt
    rules.finish()
    verdict.prove("all" if complete else "some", count=count, intents=len(rules.numbered))
    if not complete:
        verdict.leave("part")
    _count(verdict, rules)


def _placed(line: bytes, count: int, last: int, size: int, *, complete: bool) -> Entry:
    """The entry of a line, which stands where it has to."""
    try:
        entry = parsed(line)
    except Malformed as error:
        index = count if complete else None
        raise Refuted(f"line {count + 1} of events.jsonl: {error}", index) from None
    if complete and entry.index != count:
        raise Refuted(f"it is expected here, and entry {entry.index} is found", count)
    if entry.index >= size:
        raise Refuted(f"the checkpoint covers {size} entries, and this is not one", entry.index)
    if entry.index <= last:
        raise Refuted(f"entry {entry.index} comes after entry {last}", entry.index)
    return entry


def _require_sound(number: int, *, spoilt: bool) -> None:
    if spoilt:
        start = number * WIDTH
        whose = f"one of the entries {start} to {start + WIDTH - 1}, or its hash in the bundle,"
        raise Refuted(f"{whose} is not the one that the checkpoint covers", start)


def _doubt(bundle: Bundle, now: Checkpoint) -> Refuted | None:
    """What is wrong with the hashes above the leaves: said where no entry is found to be wrong."""
    try:
        found = root_of(now.size, reading(bundle.tile))
    except Malformed as error:
        return Refuted(f"a hash is missing from the bundle: {error}")
    if found != now.root:
        return Refuted("the entries have another root than the checkpoint: some were changed")
    level = 1 if bundle.manifest["filter"] is None else 0  # a part may bring tiles without entries
    while count := now.size >> 8 * level:
        for number in range(count // WIDTH):
            if _spoilt(bundle, level, number):
                return Refuted(f"the hashes in tile {number} of level {level} were changed")
        level += 1
    return None


def _spoilt(bundle: Bundle, level: int, number: int) -> bool:
    """Whether a full tile is another than the one above says; of the last only the root tells."""
    tile = bundle.tile(level, number)
    if not tile or width(level, number, bundle.size) < WIDTH:
        return False
    at = number % WIDTH * HASH_SIZE
    return root(hashes_in(tile)) != bundle.tile(level + 1, number // WIDTH)[at : at + HASH_SIZE]


def _since(
    verdict: Verdict, bundle: Bundle | None, now: Checkpoint, since: Checkpoint | None
) -> None:
    if since is None:
        return
    if since.size > now.size and since.origin == now.origin:
        raise Refuted(f"the log had {since.size} entries before: it was rolled back", now.size)
    match _continues(bundle, now, since):
        case True:
            verdict.prove("since", size=since.size)
        case False:
            raise Refuted(f"your checkpoint of {since.size} entries is of another history")
        case None:
            verdict.undecided = True
            verdict.leave("since", size=since.size)


def _continues(bundle: Bundle | None, now: Checkpoint, old: Checkpoint) -> bool | None:
    """Whether the log began like that; None where it cannot be told from here."""
    if old.origin != now.origin or old.size > now.size:
        return False
    if old.size in (0, now.size):
        return old.root == (now.root if old.size else root([]))
    try:
        return None if bundle is None else root_of(old.size, reading(bundle.tile)) == old.root
    except Malformed:
        return None


def _anchors(
    verdict: Verdict,
    bundle: Bundle,
    now: Checkpoint,
    policy: Policy | None,
    tsa_roots: bytes | None,
) -> None:
    """What others hold is of the same history."""
    known = [*(policy.logs if policy else ()), *bundle.keys]
    keys = [key for key in known if key.startswith(f"{now.origin}+")]
    witnesses = [each.vkey for each in policy.witnesses] if policy else []
    agreed: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for name, note, evidence in bundle.anchors():
        kind, size, _ = name.split("-")
        try:
            old = checkpoint.parse(note)
            signed = [each for each in opened(note, keys + witnesses) if each.time is None]
            if kind == "witness":  # it gave a line that goes below the checkpoint
                opened(f"{split(note)[0]}\n{evidence.decode()}", witnesses)
        except ValueError as error:
            raise Refuted(f"the anchor {name}: {error}") from None
        agrees = _continues(bundle, now, old)
        if agrees is False or str(old.size) != size or not signed:
            raise Refuted(f"the checkpoint of the anchor {name} is of another history")
        agreed[agrees is not None][kind] += 1
        if kind == "timestamp":
            when = stamped_at(evidence, note.encode(), tsa_roots) if tsa_roots else None
            tell = verdict.leave if when is None else verdict.prove
            tell("timestamp", size=size, when=when)
    if agreed[True]:
        verdict.prove("anchors", kinds=agreed[True])
    if agreed[False]:
        verdict.leave("anchors", kinds=agreed[False])


def _story(verdict: Verdict, found: receipt.Receipt, now: Checkpoint) -> None:
    """Every entry of a receipt is in the log, and they are of one intent."""
    about = found.about
    workspace, intent = about.leaf.get("workspace"), about.leaf.get("intent")
    if not isinstance(workspace, str) or not now.origin.endswith(f"/{workspace}"):
        raise Refuted(f"the log {now.origin} is not that of the entry", about.index)
    rules = Rules(workspace, complete=False)
    last = -1
    ordered = sorted([about, *found.also], key=lambda one: one.index)
    entries = [(each, each.entry()) for each in ordered]
    for each, entry in entries:
        if entry.index == last:
            raise Refuted("the receipt has this entry twice", last)
        if root_from(entry.index, now.size, entry.hash, each.proof) != now.root:
            raise Refuted("the entry is not the one that the checkpoint covers", entry.index)
        last = entry.index
    for each, entry in entries:
        if entry.leaf.get("intent", intent) != intent:
            raise Refuted("the entry is of another intent", entry.index)
        digests = entry.part("digests")
        for name, text in each.shown.items():
            if digests.get(name) != f"sha256:{sha256(text.encode()).hexdigest()}":
                raise Refuted(f"the {name} that was shown is not the one on record", entry.index)
        rules.take(entry)
    rules.finish()
    verdict.prove("entry", index=about.index, type=about.leaf["type"], beside=len(found.also))
    _count(verdict, rules)


def _count(verdict: Verdict, rules: Rules) -> None:
    """How many values and answers were checked, and how many were not."""
    unsigned = rules.counts["answers"] - rules.counts["signed"] - rules.counts["unknown"]
    closed = rules.counts["closed"]
    for word, count in (("opened", rules.counts["opened"]), ("passkeys", rules.counts["signed"])):
        if count:
            verdict.prove(word, count=count)
    if closed:
        tell = verdict.prove if verdict.kind == "bundle" else verdict.leave
        tell("closed", count=closed)
    for word, count in (("passkeys", rules.counts["unknown"]), ("answers", unsigned)):
        if count:
            verdict.leave(word, count=count)
