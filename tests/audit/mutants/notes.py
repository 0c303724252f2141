"""Changes of what is signed: the checkpoint, the keys that a bundle brings, and its anchors.

A line below a note that is of a key which nobody knows is left alone (C2SP signed-note): where a
change makes one, and what is left is enough, it means nothing and is no mutant.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator

from signoff.audit import note
from tests.audit.building import AT, ORIGIN, OTHER, SIGNER, Log, Members
from tests.audit.mutants.mutant import Family, Mutant, flipped, seeded
from tests.audit.mutants.specimens import (
    INTENT,
    LOG,
    SECOND,
    SMALL,
    WHOLE,
    WITNESSES,
    Specimen,
    changed_bundle,
    cosignature,
)

LOGS = frozenset((each.name, note.parse_vkey(each.vkey).id) for each in (SIGNER, SECOND))


COSIGNERS = frozenset(
    (each.name, note.parse_vkey(note.cosigner_vkey(each.name, each.seed)).id)
    for each in WITNESSES.values()
)


def checkpoints() -> Iterator[Mutant]:
    """The checkpoint: its bits, its lines, its signatures, and those of others in its place."""
    signed = WHOLE.members["checkpoint"]
    for at in range(len(signed)):
        bit = seeded(f"checkpoint {at}").randrange(8)
        changed = flipped(signed, at, bit)
        if not _unknown(signed, changed, LOGS):
            yield _note(f"bit {bit} of {at} in the checkpoint", changed)
    for name, text in _other_notes().items():
        yield _note(name, text.encode())
    for size in range(0, LOG.size, 29):
        yield _note(f"the checkpoint of {size}", LOG.checkpoint(size).encode())


def _other_notes() -> dict[str, str]:
    note_ = LOG.checkpoint()
    text, _, tail = note_.partition("\n\n")
    first, second, third, fourth = tail.splitlines(keepends=True)
    other = Log(LOG.entries, OTHER).checkpoint()
    strange = Log(LOG.entries, note.Signer(name="elsewhere/default/main", seed=OTHER.seed))
    strange.origin = "elsewhere/default/main"
    unknown = note.Signer(name="witness.test/w9", seed=bytes([9]) * 32)
    cosigned = note.cosign(note_, unknown.name, unknown.seed, AT)
    late = note.cosign(note_, WITNESSES["w1"].name, WITNESSES["w1"].seed, AT + 1)
    forged = late.replace(b64encode(AT.to_bytes(8, "big")).decode()[:5], "AAAAA")
    older = LOG.checkpoint(500).splitlines(keepends=True)
    head = f"{text}\n\n"
    return {
        "no signature of the log": head + third + fourth,
        "no cosignature": head + first + second,
        "one cosignature": head + first + second + third,
        "the other cosignature": head + first + second + fourth,
        "a cosignature twice": head + first + second + third + third,
        "cosignatures of one witness": head + first + second + third + late,
        "a cosignature of a stranger": head + first + second + third + cosigned,
        "a cosignature of another checkpoint": head + first + second + third + older[-1],
        "a cosignature of another time": head + first + second + fourth + forged + "x",
        "signatures of another checkpoint": head + "".join(older[-4:]),
        "a signature under another name": head + first.replace("main", "Main") * 2,
        "another key": other,
        "another key with our witnesses": other + third + fourth,
        "another key with witnesses of its own": other
        + "".join(cosignature(other, each) for each in WITNESSES),
        "another origin": strange.checkpoint(),
        "no empty line": f"{text}\n{tail}",
        "two empty lines": f"{text}\n\n\n{tail}",
        "an extension": f"{text}\nmore\n\n{tail}",
        "lines of Windows": note_.replace("\n", "\r\n"),
        "no last line end": note_[:-1],
        "something behind": note_ + "x\n",
        "an empty line behind": note_ + "\n",
        "a size with a zero before it": note_.replace(f"\n{LOG.size}\n", f"\n0{LOG.size}\n"),
        "a size that is less than nothing": note_.replace(f"\n{LOG.size}\n", f"\n-{LOG.size}\n"),
        "a hyphen for a dash": note_.replace("—", "-"),
        "nothing": "",
        "a space": " ",
    }


def keys() -> Iterator[Mutant]:
    """The keys that a bundle brings, where nobody has pinned one."""
    for specimen in (WHOLE, INTENT):
        data = specimen.members["log.vkey"]
        for at in range(len(data)):
            bit = seeded(f"key {at}").randrange(8)
            changed = flipped(data, at, bit)
            for policy in (None, specimen.policy):
                pinned = "" if policy is None else ", with a policy"
                yield changed_bundle(
                    specimen,
                    f"bit {bit} of {at} in log.vkey{pinned}",
                    specimen.members | {"log.vkey": changed},
                    policy=policy,
                )
    other = OTHER.vkey.encode() + b"\n"
    strange = note.vkey(f"elsewhere/{ORIGIN}", OTHER.public).encode() + b"\n"
    data = WHOLE.members["log.vkey"]
    for name, changed in {
        "another key": other,
        "a key of another log": strange,
        "our keys and one of another log": data + strange,
        "no key": b"",
        "an empty line": b"\n",
        "nonsense": b"nonsense\n",
        "nonsense behind": data + b"nonsense\n",
        "no last line end": data[:-1],
        "lines of Windows": data.replace(b"\n", b"\r\n"),
        "spaces": data.replace(b"\n", b" \n"),
        "no UTF-8": b"\xff" + data,
        "a key cut off": data[:-20],
    }.items():
        # Of a key that is one and is of this log nobody can tell that the log never had it: who
        # has pinned another does not rely on it.
        policies = (None,) if changed == other else (None, WHOLE.policy)
        for policy in policies:
            title = f"{name} in log.vkey, with{'out' if policy is None else ''} a policy"
            yield changed_bundle(WHOLE, title, WHOLE.members | {"log.vkey": changed}, policy=policy)


def anchors() -> Iterator[Mutant]:
    """Checkpoints that others hold. What a file said of itself when it took one means nothing here:
    it is to be held against that file."""
    for specimen, often in ((SMALL, 110), (WHOLE, 8)):
        for name in (each for each in specimen.members if each.startswith("anchors/")):
            data, random = specimen.members[name], seeded(f"{specimen.name} {name}")
            rest = {key: each for key, each in specimen.members.items() if key != name}
            yield changed_bundle(specimen, f"{name} is missing", rest)
            if "file" in name and not name.endswith(".checkpoint"):
                continue
            above = b"" if name.endswith(".checkpoint") else b"x\n\n"
            for at in sorted(random.sample(range(len(data)), min(often, len(data)))):
                bit = random.randrange(8)
                changed = flipped(data, at, bit)
                if not _unknown(above + data, above + changed, LOGS, COSIGNERS):
                    yield _held(specimen, f"bit {bit} of {at} in {name}", {name: changed})
            yield _held(specimen, f"nothing in {name}", {name: b""})
    yield from _other_anchors()


def _other_anchors() -> Iterator[Mutant]:
    log, held = SMALL.log, SMALL.members["anchors/file-60-ledger.checkpoint"]
    forged = Log([*log.entries[:9], log.entries[0], *log.entries[10:]])
    for size in range(10, 60, 7):
        for what, note_ in {
            "of another history": forged.checkpoint(size),
            "of another key": Log(log.entries, OTHER).checkpoint(size),
            "of an entry more": log.checkpoint(size + 1),
            "of an entry less": log.checkpoint(size - 1),
            "of another log": Log(log.entries, origin="elsewhere/default/main").checkpoint(size),
            "of the end": held.decode(),
            "that is no note": "nonsense",
            "that is cut off": log.checkpoint(size)[:-9],
            "that nobody signed": log.checkpoint(size).partition("\n\n")[0] + "\n\n",
        }.items():
            name = f"anchors/file-{size}-more"
            members = {name: b"{}", f"{name}.checkpoint": note_.encode()}
            yield _held(SMALL, f"an anchor of {size} {what}", members)
        line = cosignature(log.checkpoint(size), "w1")
        for what, evidence in {
            "of another checkpoint": cosignature(log.checkpoint(size + 1), "w1"),
            "of another time": line.replace("AAAAAG", "AAAAAH"),
            "without its line end": line[:-1],
            "with something behind": line + "x",
            "that is a whole note": log.checkpoint(size) + line,
            "that is none": "nonsense\n",
        }.items():
            if evidence != line:
                name = f"anchors/witness-{size}-w1"
                note_bytes = log.checkpoint(size).encode()
                members = {name: evidence.encode(), f"{name}.checkpoint": note_bytes}
                yield _held(SMALL, f"a cosignature at {size} {what}", members)
    more = Log([*log.entries, log.entries[0]]).checkpoint().encode()
    members = {"anchors/file-61-more": b"{}", "anchors/file-61-more.checkpoint": more}
    yield _held(SMALL, "an anchor of more entries than there are", members)


def _unknown(before: bytes, after: bytes, *known: frozenset[tuple[str, bytes]]) -> bool:
    """Whether all that changed is that a known key's signature is now of a key nobody knows.

    Such a line is left alone (C2SP signed-note), and the other generation's signature is enough.
    """
    try:
        lines = after.decode().split("\n")
    except UnicodeDecodeError:
        return False
    old = before.decode().split("\n")
    other = [at for at, each in enumerate(lines) if at >= len(old) or each != old[at]]
    if len(lines) != len(old) or len(other) != 1 or other[0] <= old.index(""):
        return False
    was, now = (key_of(each[other[0]]) for each in (old, lines))
    return was in frozenset().union(*known) and now is not None and now != was


def key_of(line: str) -> tuple[str, bytes] | None:
    """The name and id of the key, where it is a line below a note at all."""
    found = re.fullmatch(r"— ([^\s+\x00-\x1f\x7f]+) ([A-Za-z0-9+/]+=*)", line)
    try:
        raw = b64decode(found[2], validate=True) if found else b""
    except ValueError:
        return None
    if found is None or b64encode(raw).decode() != found[2] or len(raw) < 5:
        return None
    return found[1], raw[:4]


def _held(specimen: Specimen, name: str, changed: Members) -> Mutant:
    return changed_bundle(specimen, name, specimen.members | changed)


def _note(name: str, changed: bytes) -> Mutant:
    return changed_bundle(WHOLE, name, WHOLE.members | {"checkpoint": changed})


FAMILIES: dict[str, Family] = {
    "checkpoints": checkpoints,
    "keys": keys,
    "anchors": anchors,
}
