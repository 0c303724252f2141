"""Changes of what a bundle has beside its entries and notes: tiles, manifest, members, the zip.

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
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from itertools import pairwise
from random import Random
from typing import Any

import rfc8785

from tests.audit.building import ORIGIN
from tests.audit.mutants.mutant import Family, Made, Mutant, flipped, seeded, stored
from tests.audit.mutants.specimens import (
    DEEP,
    INTENT,
    RANGE,
    SPECIMENS,
    WHOLE,
    Specimen,
    changed_bundle,
)

_TILE = re.compile(r"tile/(\d)/(\d{3})(?:\.p/\d+)?")


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
            yield changed_bundle(specimen, f"{name} is missing", rest, index=missing)
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
            yield changed_bundle(specimen, f"{left} and {right}", changed, index=specimen.places[0])


def manifests() -> Iterator[Mutant]:
    """What a bundle says of itself."""
    for specimen in (WHOLE, RANGE, INTENT):
        data, random = specimen.members["manifest.json"], seeded(f"manifest {specimen.name}")
        filters = _asked_for_a_time(data)
        for at in sorted(random.sample(range(len(data)), 100)):
            bit = random.randrange(8)
            if at not in filters:
                changed = flipped(data, at, bit)
                yield changed_bundle(
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


def listed() -> Iterator[Mutant]:
    """Members that are missing, there twice, or have no place."""
    for specimen in SPECIMENS.values():
        members = specimen.members
        for name in members:
            if name in ("checkpoint", "log.vkey", "events.jsonl", "manifest.json"):
                rest = {key: data for key, data in members.items() if key != name}
                no_bundle = name == "manifest.json"
                yield changed_bundle(specimen, f"{name} is missing", rest, unreadable=no_bundle)
            for what, change in _NAMES.items():
                changed = {change(key) if key == name else key: members[key] for key in members}
                if changed.keys() != members.keys():
                    no_bundle = name == "manifest.json"
                    title = f"{name} {what}"
                    yield changed_bundle(specimen, title, changed, unreadable=no_bundle)
            twice = [*members.items(), (name, members[name])]
            yield changed_bundle(specimen, f"{name} is there twice", twice)
            first = [(name, b"x"), *members.items()]
            yield changed_bundle(specimen, f"{name} is there before", first)
        for name in _STRANGE:
            yield changed_bundle(specimen, f"{name!r} is there", members | {name: b"x" * 32})
        extra = next(number for number in range(300) if not _has(specimen, number))
        name = f"tile/0/{extra:03}"
        random = seeded(name).randbytes(256 * 32)
        yield changed_bundle(specimen, f"{name} is made up", members | {name: random})


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


FAMILIES: dict[str, Family] = {
    "hashes": hashes,
    "tiles": tiles,
    "manifests": manifests,
    "members": listed,
    "zips": zips,
}
