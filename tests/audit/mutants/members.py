"""Changes of everything in a bundle but its entries: tiles, checkpoint, keys, manifest, anchors.

Where a hash of a leaf is wrong, its entry is; where a hash above is, or one of an entry that is not
in the bundle, the first entry of the tile below it is named, for the hashes cannot tell which of
the 256 it was. In the last tile, which is not full, only the root can tell that anything is wrong.
"""

from __future__ import annotations

import json
import re
import struct
import zipfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from itertools import pairwise
from random import Random
from typing import Any

import rfc8785

from signoff.audit import note
from tests.audit.building import AT, ORIGIN, OTHER, SIGNER, Log, Members
from tests.audit.mutants.mutant import Family, Made, Mutant, flipped, seeded, stored
from tests.audit.mutants.specimens import (
    DEEP,
    INTENT,
    LOG,
    RANGE,
    SECOND,
    SMALL,
    SPECIMENS,
    WHOLE,
    WITNESSES,
    Specimen,
    cosignature,
)

_TILE = re.compile(r"tile/(\d)/(\d{3})(?:\.p/\d+)?")
_LOGS = frozenset((each.name, note.parse_vkey(each.vkey).id) for each in (SIGNER, SECOND))
_COSIGNERS = frozenset(
    (each.name, note.parse_vkey(note.cosigner_vkey(each.name, each.seed)).id)
    for each in WITNESSES.values()
)


def hashes() -> Iterator[Mutant]:
    """A bit of a hash, in tiles of every level."""
    for specimen, often in ((WHOLE, 110), (RANGE, 90), (INTENT, 80), (DEEP, 80)):
        random = seeded(f"hashes of {specimen.name}")
        for name in _tiles(specimen):
            level, number = _place(name)
            count = len(specimen.members[name]) // 32
            share = min(count, often * count // 512 + 4)
            for at in sorted({*random.sample(range(count), share), *_own(specimen, level, number)}):
                bit = random.randrange(256)
                yield _member(
                    specimen,
                    f"bit {bit} of hash {at} in {name}",
                    name,
                    partial(flipped, at=at * 32 + bit // 8, bit=bit % 8),
                    index=_tile_index(specimen, level, number, [at]),
                )


def tiles() -> Iterator[Mutant]:
    """Tiles that are missing, of another length, or in each other's place."""
    for specimen in SPECIMENS.values():
        names = _tiles(specimen)
        for name in names:
            level, number = _place(name)
            first = next((each for each in specimen.places if each // 256 == number), None)
            missing = first if level == 0 else None
            rest = {key: data for key, data in specimen.members.items() if key != name}
            yield _bundle(specimen, f"{name} is missing", rest, index=missing)
            for what, change in _LENGTHS.items():
                yield _member(specimen, f"{what} in {name}", name, change)
            count, random = len(specimen.members[name]) // 32, seeded(f"{specimen.name} {name}")
            ways = range(8 if count > 1 else 0)
            for one, two in sorted({_pair(random, count) for _ in ways}):
                yield _member(
                    specimen,
                    f"hashes {one} and {two} in {name}",
                    name,
                    partial(_exchanged, one=one, two=two),
                    index=_tile_index(specimen, level, number, [one, two]),
                )
        full = [name for name in names if name.startswith("tile/0/") and ".p/" not in name]
        for left, right in pairwise(full):
            contents = {
                left: specimen.members[right],
                right: specimen.members[left],
            }
            changed = specimen.members | contents
            yield _bundle(specimen, f"{left} and {right}", changed, index=specimen.places[0])


def checkpoints() -> Iterator[Mutant]:
    """The checkpoint: its bits, its lines, its signatures, and those of others in its place."""
    signed = WHOLE.members["checkpoint"]
    for at in range(len(signed)):
        bit = seeded(f"checkpoint {at}").randrange(8)
        changed = flipped(signed, at, bit)
        if not _unknown(signed, changed, _LOGS):
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
                yield _bundle(
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
            yield _bundle(WHOLE, title, WHOLE.members | {"log.vkey": changed}, policy=policy)


def manifests() -> Iterator[Mutant]:
    """What a bundle says of itself."""
    for specimen in (WHOLE, RANGE, INTENT):
        data, random = specimen.members["manifest.json"], seeded(f"manifest {specimen.name}")
        filters = _asked_for_a_time(data)
        for at in sorted(random.sample(range(len(data)), 100)):
            bit = random.randrange(8)
            if at not in filters:
                changed = flipped(data, at, bit)
                yield _bundle(
                    specimen,
                    f"bit {bit} of {at} in the manifest",
                    specimen.members | {"manifest.json": changed},
                    index=_manifest_index(specimen, changed),
                    unreadable=b'"format":"signoff-bundle/1"' not in changed,
                )
        said, titles = json.loads(data), dict[str, Any]()
        for name, value in _SAID:
            changed = said | {name: value(said[name]) if callable(value) else value}
            if repr(changed) != repr(said):
                titles.setdefault(f"{name} is {changed[name]!r}", changed)
        for title, changed in titles.items():
            yield _manifest(specimen, title, changed)
        for name in said:
            less = {key: value for key, value in said.items() if key != name}
            yield _manifest(specimen, f"no {name}", less)
        yield _manifest(specimen, "more", said | {"more": 1})


def _manifest_index(specimen: Specimen, changed: bytes) -> int | None:
    """The first entry that is not what this manifest says of all, where it can be read."""
    try:
        said = json.loads(changed)
        if rfc8785.dumps(said) != changed:
            return None
    except (ValueError, rfc8785.CanonicalizationError):
        return None
    true = json.loads(specimen.members["manifest.json"])
    other = {name for name in true | said if said.get(name, ...) != true.get(name, ...)}
    if said.keys() != true.keys():
        return None
    if other == {"workspace"} and ORIGIN.endswith(f"/{said['workspace']}"):
        return specimen.places[0]
    if other == {"filter"} and said["filter"] is None:
        return 0  # and it is not there
    if other == {"filter"} and isinstance(said["filter"], dict):
        intent = said["filter"].get("intent")
        whole = said["filter"].keys() <= {"intent"} and isinstance(intent, str)
        return specimen.places[0] if whole else None
    return None


def _asked_for_a_time(data: bytes) -> range:
    """Where the time stands that was asked for. Nobody has signed what somebody asked for: that is
    not in the log, and an export that begins later than it might is a part like any other."""
    start = data.find(b'"since":"')
    if start < 0:
        return range(0)
    return range(start + len(b'"since":"'), data.index(b'"},"first"', start))


_NUMBERS: Sequence[Callable[[Any], Any]] = (
    lambda value: value + 1,
    lambda value: value - 1,
    lambda value: value * 256,
    lambda value: -value - 1,
    lambda _: 2**53 - 1,
    lambda _: None,
    str,
    lambda _: True,
    lambda _: [],
)
_SAID: Sequence[tuple[str, Any]] = (
    ("format", "signoff-bundle/2"),
    ("origin", "log.test/other/main"),
    ("origin", ""),
    ("workspace", "other/main"),
    ("workspace", "main"),
    ("workspace", ""),
    *((name, change) for name in ("size", "entries", "first", "last") for change in _NUMBERS),
    ("filter", 1),
    ("filter", "all"),
    ("filter", []),
    ("filter", {"intent": "int_31"}),
    ("filter", {"intent": 1}),
    ("filter", {"other": "x"}),
    ("filter", None),
)


def anchors() -> Iterator[Mutant]:
    """Checkpoints that others hold. What a file said of itself when it took one means nothing here:
    it is to be held against that file."""
    for specimen, often in ((SMALL, 110), (WHOLE, 8)):
        for name in (each for each in specimen.members if each.startswith("anchors/")):
            data, random = specimen.members[name], seeded(f"{specimen.name} {name}")
            rest = {key: each for key, each in specimen.members.items() if key != name}
            yield _bundle(specimen, f"{name} is missing", rest)
            if "file" in name and not name.endswith(".checkpoint"):
                continue
            above = b"" if name.endswith(".checkpoint") else b"x\n\n"
            for at in sorted(random.sample(range(len(data)), min(often, len(data)))):
                bit = random.randrange(8)
                changed = flipped(data, at, bit)
                if not _unknown(above + data, above + changed, _LOGS, _COSIGNERS):
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


def listed() -> Iterator[Mutant]:
    """Members that are missing, there twice, or have no place."""
    for specimen in SPECIMENS.values():
        members = specimen.members
        for name in members:
            if name in ("checkpoint", "log.vkey", "events.jsonl", "manifest.json"):
                rest = {key: data for key, data in members.items() if key != name}
                no_bundle = name == "manifest.json"
                yield _bundle(specimen, f"{name} is missing", rest, unreadable=no_bundle)
            for what, change in _NAMES.items():
                changed = {change(key) if key == name else key: members[key] for key in members}
                if changed.keys() != members.keys():
                    no_bundle = name == "manifest.json"
                    title = f"{name} {what}"
                    yield _bundle(specimen, title, changed, unreadable=no_bundle)
            twice = [*members.items(), (name, members[name])]
            yield _bundle(specimen, f"{name} is there twice", twice)
            first = [(name, b"x"), *members.items()]
            yield _bundle(specimen, f"{name} is there before", first)
        for name in _STRANGE:
            yield _bundle(specimen, f"{name!r} is there", members | {name: b"x" * 32})
        extra = next(number for number in range(300) if not _has(specimen, number))
        name = f"tile/0/{extra:03}"
        random = seeded(name).randbytes(256 * 32)
        yield _bundle(specimen, f"{name} is made up", members | {name: random})


_NAMES: dict[str, Callable[[str], str]] = {
    "in capitals": str.upper,
    "with a dot": lambda name: f"./{name}",
    "with a slash": lambda name: f"/{name}",
    "in a directory": lambda name: f"bundle/{name}",
    "as a directory": lambda name: f"{name}/",
    "with a space": lambda name: f"{name} ",
    "under another name": lambda name: f"{name}.bak",
}
_STRANGE = (
    "evil.txt", "../checkpoint", "/etc/passwd", "a/../checkpoint", "C:\\x", "tile/", "tile/0/999",
    "tile/0/000.p/5", "tile/9/000", "tile/0/x000/000", "tile/00/000", "anchors/", "anchors/file-1",
    "anchors/file-1-x.checkpoint", "anchors/file-1-../x", "anchors/File-1-x", "events.jsonl.gz",
    "é", "\u202e", "tile/0/٠٠٠", "CON", "events.jsonl\n", " checkpoint",
)  # fmt: skip


def zips() -> Iterator[Mutant]:
    """The file itself. Dates, versions, attributes and what a zip has twice mean nothing: what is
    read goes by the directory at its end, where name, place, length and CRC of each member are."""
    data = stored(INTENT.members)
    random = seeded("zip")
    for at in sorted(random.sample(range(2, len(data)), 60)):
        yield _file(f"cut off at {at}", data[:at])
    for name, at in _zip_fields(data):
        bit = random.randrange(8)
        yield _file(f"bit {bit} of {at}, {name}", flipped(data, at, bit))
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in INTENT.members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    packed = buffer.getvalue()
    with zipfile.ZipFile(buffer) as archive:
        for info in archive.infolist():
            start = info.header_offset + 30 + len(info.filename)
            for at in sorted(random.sample(range(info.compress_size), 12)):
                bit = random.randrange(8)
                changed = flipped(packed, start + at, bit)
                if not _same(changed[start:], info.compress_size, INTENT.members[info.filename]):
                    title = f"bit {bit} of {at} in {info.filename}, which is packed"
                    yield _file(title, changed)


def _same(packed: bytes, length: int, content: bytes) -> bool:
    """Whether it is unpacked to the same: the last bits of what is packed may mean nothing."""
    try:
        return zlib.decompressobj(-15).decompress(packed[:length]) == content
    except zlib.error:
        return False


def _zip_fields(data: bytes) -> Iterator[tuple[str, int]]:
    """Every byte of the fields that say what is in a zip."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        infos = archive.infolist()
    at = struct.unpack("<I", data[-6:-2])[0]
    for info in infos:
        local = info.header_offset
        fields = {"signature": (0, 4), "name length": (26, 2), "name": (30, len(info.filename))}
        for name, (start, length) in fields.items():
            for each in range(start, start + length):
                yield f"{name} of {info.filename}", local + each
        fields = {
            "signature": (0, 4),
            "method": (10, 1),
            "CRC": (16, 4),
            "name length": (28, 2),
            "place": (42, 4),
            "name": (46, len(info.filename)),
        }
        if info is infos[-1]:  # where the directory ends its name does, whatever it says
            del fields["name length"]
        if info.filename.startswith("tile/"):  # of others the packed bytes and their CRC decide
            fields["length"] = 24, 4
        for name, (start, length) in fields.items():
            for each in range(start, start + length):
                yield f"{name} of {info.filename} in the directory", at + each
        at += 46 + len(info.filename)
        content = local + 30 + len(info.filename)
        for each in seeded(info.filename).sample(range(info.file_size), 20):
            yield f"content of {info.filename}", content + each
    for each in (*range(4), *range(12, 20)):
        yield "end", len(data) - 22 + each


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
    was, now = (_signature(each[other[0]]) for each in (old, lines))
    return was in frozenset().union(*known) and now is not None and now != was


def _signature(line: str) -> tuple[str, bytes] | None:
    """The name and id of the key, where it is a line below a note at all."""
    found = re.fullmatch(r"— ([^\s+\x00-\x1f\x7f]+) ([A-Za-z0-9+/]+=*)", line)
    try:
        raw = b64decode(found[2], validate=True) if found else b""
    except ValueError:
        return None
    if found is None or b64encode(raw).decode() != found[2] or len(raw) < 5:
        return None
    return found[1], raw[:4]


_LENGTHS: dict[str, Callable[[bytes], bytes]] = {
    "a hash less": lambda data: data[:-32],
    "a hash less at the beginning": lambda data: data[32:],
    "a hash more": lambda data: data + bytes(32),
    "the last hash again": lambda data: data + data[-32:],
    "a byte less": lambda data: data[:-1],
    "a byte more": lambda data: data + b"\0",
    "nothing": lambda _: b"",
}


def _pair(random: Random, count: int) -> tuple[int, int]:
    one, two = sorted(random.sample(range(count), 2))
    return one, two


def _exchanged(data: bytes, one: int, two: int) -> bytes:
    hashes = [data[at : at + 32] for at in range(0, len(data), 32)]
    hashes[one], hashes[two] = hashes[two], hashes[one]
    return b"".join(hashes)


def _tiles(specimen: Specimen) -> list[str]:
    return [name for name in specimen.members if name.startswith("tile/")]


def _place(name: str) -> tuple[int, int]:
    found = _TILE.fullmatch(name)
    assert found is not None
    return int(found[1]), int(found[2])


def _has(specimen: Specimen, number: int) -> bool:
    return any(name.startswith(f"tile/0/{number:03}") for name in specimen.members)


def _own(specimen: Specimen, level: int, number: int) -> list[int]:
    """Some hashes of the tile that are of entries in the bundle."""
    own = [each % 256 for each in specimen.places if level == 0 and each // 256 == number]
    return own[:: max(1, len(own) // 40)]


def _tile_index(specimen: Specimen, level: int, number: int, changed: list[int]) -> int | None:
    """The first bad entry where these hashes of a tile are others."""
    places = set(specimen.places)
    if level == 0:
        wrong = [number * 256 + at for at in changed]
        named = [each for each in wrong if each in places]
        full = (number + 1) * 256 <= specimen.log.size
        return min(named) if named else (number * 256 if full else None)
    below = {each // 256 for each in places}
    blocks = [number * 256 + at for at in changed]
    return min((each * 256 for each in blocks if level == 1 and each in below), default=None)


def _held(specimen: Specimen, name: str, changed: Members) -> Mutant:
    return _bundle(specimen, name, specimen.members | changed)


def _note(name: str, changed: bytes) -> Mutant:
    return _bundle(WHOLE, name, WHOLE.members | {"checkpoint": changed})


def _manifest(specimen: Specimen, name: str, said: Mapping[str, Any]) -> Mutant:
    def make() -> Made:
        try:
            changed = rfc8785.dumps(dict(said))
        except rfc8785.CanonicalizationError:
            changed = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
        unreadable = said.get("format") != "signoff-bundle/1"
        members = specimen.members | {"manifest.json": changed}
        index = _manifest_index(specimen, changed)
        return Made(stored(members), index, specimen.policy, unreadable=unreadable)

    return Mutant(name=f"{specimen.name}: the manifest says: {name}", make=make)


def _file(name: str, data: bytes) -> Mutant:
    made = Made(data, policy=INTENT.policy, unreadable=True)
    return Mutant(name=f"the zip: {name}", make=lambda: made)


def _member(
    specimen: Specimen,
    title: str,
    name: str,
    change: Callable[[bytes], bytes],
    *,
    index: int | None = None,
) -> Mutant:
    def make() -> Made:
        changed = change(specimen.members[name])
        assert changed != specimen.members[name], "nothing is changed"
        return Made(stored(specimen.members | {name: changed}), index, specimen.policy)

    return Mutant(name=f"{specimen.name}: {title}", make=make)


def _bundle(
    specimen: Specimen,
    name: str,
    members: Members | Sequence[tuple[str, bytes]],
    *,
    index: int | None = None,
    policy: str | None = "",
    unreadable: bool = False,
) -> Mutant:
    """:param policy: the specimen's, where nothing else is said."""
    relied = specimen.policy if policy == "" else policy

    def make() -> Made:
        return Made(stored(members), index, relied, unreadable=unreadable)

    return Mutant(name=f"{specimen.name}: {name}", make=make)


FAMILIES: dict[str, Family] = {
    "hashes": hashes,
    "tiles": tiles,
    "checkpoints": checkpoints,
    "keys": keys,
    "manifests": manifests,
    "anchors": anchors,
    "members": listed,
    "zips": zips,
}
