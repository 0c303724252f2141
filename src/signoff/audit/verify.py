"""Verifies bundles and receipts: what is proved, what could not be checked, what is refuted.

It reads what it is given and nothing else: no network, no server, no clock. What is wrong with an
entry is found before what is wrong with the hashes above it, so that the entry can be named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from . import checkpoint, receipt, tiles
from .bundle import Bundle
from .checkpoint import Checkpoint
from .entries import Entry, parsed
from .errors import Malformed, Refuted
from .merkle import HASH_SIZE, root, root_from, root_of
from .policy import NONE, Policy
from .receipt import FIRST_LINE, Proven, Receipt
from .rules import Rules
from .signatures import ED25519, opened
from .timestamps import stamped_at

Progress = Callable[[int, int], None]
"""Called now and then: how many entries are done, of how many."""
_BEAT = 4096


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What came of it, in sentences.

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
    proved: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    refuted: tuple[int | None, str] | None = None

    @property
    def verified(self) -> bool:
        return self.refuted is None and self.signed and not self.undecided


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
            _entries(verdict, bundle, now, progress or (lambda done, total: None))
            _since(verdict, bundle, now, since)
            _anchors(verdict, bundle, now, policy, tsa_roots)
    except Refuted as found:
        verdict.refuted = found.index, found.why
    return verdict


def verify_receipt(
    text: str, policy: Policy | None = None, since: Checkpoint | None = None
) -> Verdict:
    """Check a receipt. Without a policy its signature is checked only where it brings a key.

    :raises Malformed: the text is no receipt.
    """
    if not text.startswith(f"{FIRST_LINE}\n"):
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
    return verdict


def _checkpoint(
    verdict: Verdict, note: str, keys: Sequence[str], policy: Policy | None
) -> Checkpoint:
    """The checkpoint, signed by the log and cosigned as the policy wants it."""
    pinned = list(policy.logs) if policy else []
    witnesses = [each.vkey for each in policy.witnesses] if policy else []
    try:
        now = checkpoint.parse(note)
        own = [key for key in pinned or keys if key.rpartition("+")[0].startswith(f"{now.origin}+")]
        found = opened(note, own + witnesses)
    except Malformed as error:
        raise Refuted(f"the checkpoint: {error}") from None
    verdict.origin, verdict.size, verdict.root = now.origin, now.size, now.root.hex()
    names = [each.key.id.hex() for each in found if each.key.kind == ED25519]
    if not names and (pinned or keys):
        whose = "of your policy" if pinned else "that came with it"
        raise Refuted(f"no key {whose} has signed the checkpoint of {now.origin}")
    verdict.signed, verdict.pinned = bool(names), bool(names and pinned)
    if names:
        verdict.proved.append(
            f"The log {now.origin} signed that it has {now.size} entries (key {', '.join(names)})."
        )
    if not pinned:
        verdict.not_checked.append(
            "THE KEY OF THE LOG WAS NOT PINNED: whoever made this file may have made its key. Give "
            "--policy with the key that you had from the log's operator by another way."
        )
    _quorum(verdict, policy, {each.key.vkey: each.time for each in found if each.time is not None})
    return now


def _quorum(verdict: Verdict, policy: Policy | None, cosigned: dict[str, int]) -> None:
    if policy is None or policy.quorum == NONE:
        verdict.not_checked.append(
            "Whether the log shows others another history: no policy names witnesses."
        )
        return
    if not policy.satisfied(cosigned):
        raise Refuted("the checkpoint lacks cosignatures that your policy demands")
    who = ", ".join(each.name for each in policy.witnesses if each.vkey in cosigned)
    by = _moment(min(cosigned.values()))
    verdict.proved.append(f"Witnesses have cosigned it and saw no other history: {who} ({by}).")


def _entries(verdict: Verdict, bundle: Bundle, now: Checkpoint, progress: Progress) -> None:
    """Every entry is the one that the checkpoint covers, and all of them together are sound."""
    manifest = bundle.manifest
    workspace, complete = manifest["workspace"], manifest["filter"] is None
    if (manifest["origin"], manifest["size"]) != (now.origin, now.size):
        raise Refuted("the manifest speaks of another log, or of another size, than the checkpoint")
    if not now.origin.endswith(f"/{workspace}"):
        raise Refuted(f"the log {now.origin} is not that of the workspace {workspace}")
    doubt = _hashes(bundle, now)
    rules = Rules(workspace, complete=complete, closed=False)
    first, last, count = None, -1, 0
    tile, number, spoilt = b"", -1, False
    for line in bundle.lines():
        try:
            entry = parsed(line)
        except Malformed as error:
            why = f"line {count + 1} of events.jsonl: {error}"
            raise Refuted(why, count if complete else None) from None
        _require_place(entry, count, last, now.size, complete=complete)
        if entry.index // tiles.WIDTH != number:
            _require_sound(number, spoilt=spoilt)
            number = entry.index // tiles.WIDTH
            tile = bundle.tile(0, number)
            spoilt = _spoilt(bundle, 0, number)
        at = entry.index % tiles.WIDTH * HASH_SIZE
        if tile[at : at + HASH_SIZE] != entry.hash:
            raise Refuted("the entry is not the one that the checkpoint covers", entry.index)
        rules.take(entry)
        first, last, count = entry.index if first is None else first, entry.index, count + 1
        if count % _BEAT == 0:
            progress(count, manifest["entries"])
    _require_sound(number, spoilt=spoilt)
    if count != manifest["entries"] or (complete and count != now.size):
        missing = count if complete else None
        raise Refuted(f"the bundle ends after {count} entries, and there are more", missing)
    if [first, None if first is None else last] != [manifest["first"], manifest["last"]]:
        raise Refuted("the manifest names other entries as the first and the last")
    if doubt is not None:
        raise doubt
    rules.finish()
    _tell(verdict, rules, count, complete=complete)


def _require_place(entry: Entry, count: int, last: int, size: int, *, complete: bool) -> None:
    if entry.index >= size:
        raise Refuted(f"the checkpoint covers {size} entries, and this is not one", entry.index)
    if complete and entry.index != count:
        why = f"entry {count} is expected here, and entry {entry.index} is found"
        raise Refuted(why, min(count, entry.index))
    if entry.index <= last:
        raise Refuted(f"entry {entry.index} comes after entry {last}", entry.index)


def _require_sound(number: int, *, spoilt: bool) -> None:
    if spoilt:
        start = number * tiles.WIDTH
        raise Refuted(
            f"one of the entries {start} to {start + tiles.WIDTH - 1}, or its hash in the bundle, "
            "is not the one that the checkpoint covers",
            start,
        )


def _hashes(bundle: Bundle, now: Checkpoint) -> Refuted | None:
    """What is wrong with the hashes above the leaves: said where no entry is found to be wrong."""
    try:
        found = root_of(now.size, tiles.reading(bundle.tile))
    except Malformed as error:
        return Refuted(f"a hash is missing from the bundle: {error}")
    if found != now.root:
        return Refuted("the entries have another root than the checkpoint: some were changed")
    for level, count in enumerate(tiles.widths(now.size)):
        for number in range(count // tiles.WIDTH if level else 0):
            if _spoilt(bundle, level, number):
                return Refuted(f"the hashes in tile {number} of level {level} were changed")
    return None


def _spoilt(bundle: Bundle, level: int, number: int) -> bool:
    """Whether a full tile is another than the one above says; of the last only the root tells."""
    if tiles.width(level, number, bundle.size) < tiles.WIDTH:
        return False
    at = number % tiles.WIDTH * HASH_SIZE
    above = bundle.tile(level + 1, number // tiles.WIDTH)[at : at + HASH_SIZE]
    return root(tiles.hashes_in(bundle.tile(level, number))) != above


def _since(
    verdict: Verdict, bundle: Bundle | None, now: Checkpoint, since: Checkpoint | None
) -> None:
    if since is None:
        return
    if since.size > now.size and since.origin == now.origin:
        raise Refuted(f"the log had {since.size} entries before: it was rolled back", now.size)
    agrees = _continues(bundle, now, since)
    if agrees is None:
        verdict.undecided = True
        verdict.not_checked.append(
            f"Whether this continues your checkpoint of {since.size} entries: the hashes for that "
            "are not in this file."
        )
    elif agrees:
        verdict.proved.append(f"It continues your checkpoint of {since.size} entries.")
    else:
        raise Refuted(f"your checkpoint of {since.size} entries is of another history")


def _continues(bundle: Bundle | None, now: Checkpoint, old: Checkpoint) -> bool | None:
    """Whether the log began like that; None where it cannot be told from here."""
    if old.origin != now.origin or old.size > now.size:
        return False
    if old.size in (0, now.size):
        return old.size == 0 or old.root == now.root
    if bundle is None:
        return None
    try:
        return root_of(old.size, tiles.reading(bundle.tile)) == old.root
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
    keys = [*(policy.logs if policy else ()), *bundle.keys]
    good, unknown = Counter[str](), Counter[str]()
    for name, note, evidence in bundle.anchors():
        kind, size, _ = name.split("-")
        try:
            old = checkpoint.parse(note)
            signed = opened(note, [key for key in keys if key.startswith(f"{now.origin}+")])
        except Malformed as error:
            raise Refuted(f"the anchor {name}: {error}") from None
        agrees = _continues(bundle, now, old)
        if agrees is False or str(old.size) != size or not signed:
            raise Refuted(f"the checkpoint of the anchor {name} is of another history")
        (unknown if agrees is None else good)[kind] += 1
        if kind == "timestamp" and tsa_roots is not None:
            when = stamped_at(evidence, note.encode(), tsa_roots)
            if when is not None:
                verdict.proved.append(f"Its first {size} entries existed at {when} (RFC 3161).")
                continue
        if kind == "timestamp":
            verdict.not_checked.append(
                f"The timestamp over {size} entries: give --tsa-roots, and install rfc3161-client."
            )
    if good:
        verdict.proved.append(f"Checkpoints given to others are of this history: {_listed(good)}.")
    if unknown:
        verdict.not_checked.append(
            f"Checkpoints given to others, whose hashes are not in this file: {_listed(unknown)}."
        )


def _story(verdict: Verdict, found: Receipt, now: Checkpoint) -> None:
    """Every entry of a receipt is in the log, and they are of one intent."""
    workspace = found.about.leaf.get("workspace")
    if not isinstance(workspace, str) or not now.origin.endswith(f"/{workspace}"):
        raise Refuted(f"the log {now.origin} is not that of the entry", found.about.index)
    rules = Rules(workspace, complete=False, closed=True)
    last = -1
    for each in sorted([found.about, *found.also], key=lambda one: one.index):
        entry = each.entry()
        if entry.index == last:
            raise Refuted("the receipt has this entry twice", last)
        if root_from(entry.index, now.size, entry.hash, each.proof) != now.root:
            raise Refuted("the entry is not the one that the checkpoint covers", entry.index)
        if entry.leaf.get("intent", intent := found.about.leaf.get("intent")) != intent:
            raise Refuted("the entry is of another intent", entry.index)
        _require_shown(each)
        rules.take(entry)
        last = entry.index
    rules.finish()
    verdict.proved.append(
        f"Entry {found.about.index}, {found.about.leaf.get('type')}, is in that log as it stands "
        f"here, and so are the {len(found.also)} entries beside it."
    )
    _tell_values(verdict, rules)
    verdict.not_checked.append("Whether the log has more to say: only a bundle shows all of it.")


def _require_shown(each: Proven) -> None:
    digests = each.leaf.get("digests", {})
    for name, text in each.shown.items():
        found = f"sha256:{sha256(text.encode()).hexdigest()}"
        if not isinstance(digests, dict) or digests.get(name) != found:
            raise Refuted(f"the {name} that was shown is not the one on record", each.index)


def _tell(verdict: Verdict, rules: Rules, count: int, *, complete: bool) -> None:
    if complete:
        verdict.proved += [
            f"These are all {count} entries, in their order, each as it was recorded.",
            f"The events of {len(rules.numbered)} intents are numbered without a gap.",
        ]
    else:
        verdict.proved.append(f"These {count} entries are in the log, each as it was recorded.")
        verdict.not_checked.append(
            "What was left out: this is a part of the log, chosen by whoever exported it."
        )
    _tell_values(verdict, rules)
    if closed := rules.counts["closed"]:
        verdict.proved.append(f"{closed} values are gone; for each an entry says it was erased.")


def _tell_values(verdict: Verdict, rules: Rules) -> None:
    counts = rules.counts
    if counts["opened"]:
        verdict.proved.append(f"{counts['opened']} opened values are those that were recorded.")
    if counts["signed"]:
        verdict.proved.append(
            f"{counts['signed']} answers are signed with a passkey of who gave them."
        )
    if counts["unknown"]:
        verdict.not_checked.append(
            f"{counts['unknown']} signatures of passkeys whose registration is not in this file."
        )
    if unsigned := counts["answers"] - counts["signed"] - counts["unknown"]:
        verdict.not_checked.append(
            f"Who gave {unsigned} answers: without a passkey's signature that is the server's word."
        )
    verdict.not_checked.append("What was never logged, and whether the server's clock was right.")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return "at no time there is"
