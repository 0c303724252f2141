"""Reads a bundle: the zip in which a log, or a part of it, is handed over.

Its members are ``manifest.json``, ``checkpoint`` (the signed note), ``log.vkey`` (a key a line),
``events.jsonl``, ``tile/...`` and, for each anchor, ``anchors/<kind>-<size>-<id>`` (its evidence)
beside ``anchors/<kind>-<size>-<id>.checkpoint`` (the note it holds). Nothing else may be there.
Nothing is read whole but what is small, and nothing is believed.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from .errors import Malformed, Refuted
from .exact import decode_canonical
from .merkle import HASH_SIZE, HEIGHT, WIDTH, tile_path, width

FORMAT = "signoff-bundle/1"
LONGEST_LINE = 16 * 1024 * 1024
LARGEST_MEMBER = 1024 * 1024
_CHUNK = 1024 * 1024
_FIELDS = {"format", "origin", "workspace", "size", "entries", "first", "last", "filter"}
_CHOICES = {"intent", "since", "until"}
_NAME = re.compile(
    r"manifest\.json|checkpoint|log\.vkey|events\.jsonl|tile/[0-9x/]+(?:\.p/[0-9]{1,3})?"
    r"|anchors/(?P<anchor>[a-z]+-[0-9]+-[A-Za-z0-9_]+)(?:\.checkpoint)?",
    re.ASCII,
)


class Anchor(NamedTuple):
    """A checkpoint that somebody else holds. ``evidence`` is whatever they gave for it."""

    name: str
    note: str
    evidence: bytes


class Bundle:
    """An open bundle. ``manifest`` has the right fields with values of the right types.

    :raises Malformed: the file is no zip, is damaged, or is no bundle.
    :raises Refuted: it is a bundle, and not as it has to be.
    """

    def __init__(self, path: Path) -> None:
        with _reading():
            self._zip = ZipFile(path)
        try:
            self._members = self._listed()
            self.manifest = self._read_manifest()
            self.size: int = self.manifest["size"]
            self.note = self._text("checkpoint")
            *self.keys, rest = self._text("log.vkey").split("\n")
            if rest or not self.keys:
                raise Refuted("log.vkey in the bundle is not a key a line")
            self._require_tiles()
        except BaseException:
            self.close()
            raise
        self._kept: dict[tuple[int, int], bytes] = {}

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._zip.close()

    def lines(self) -> Iterator[bytes]:
        """The lines of ``events.jsonl``, without their ends."""
        rest = b""
        with _reading(), self._zip.open("events.jsonl") as file:
            while chunk := file.read(_CHUNK):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from lines
                if len(rest) > LONGEST_LINE:
                    raise Refuted("a line of the bundle is too long")
        if rest:
            yield rest + b"\n"  # cut off: that is no line in canonical form

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile; nothing where the bundle does not have it."""
        if (level, number) not in self._kept:
            name = tile_path(level, number, width(level, number, self.size))
            if level == 0:  # read in order, and each but once
                self._kept.pop(next((key for key in self._kept if key[0] == 0), (-1, -1)), None)
            self._kept[level, number] = self._bytes(name) if name in self._members else b""
        return self._kept[level, number]

    def anchors(self) -> Iterator[Anchor]:
        """What somebody else holds."""
        for member in sorted(self._members):
            found = _NAME.fullmatch(member)
            if found and found["anchor"] and not member.endswith(".checkpoint"):
                note = self._text(f"{member}.checkpoint")
                yield Anchor(found["anchor"], note, self._bytes(member))

    def _listed(self) -> Mapping[str, int]:
        members: dict[str, int] = {}
        if "manifest.json" not in self._zip.namelist():
            raise Malformed("the zip is no bundle: it has no manifest.json")
        for info in self._zip.infolist():
            name = info.filename
            if name in members or info.orig_filename != name or not _NAME.fullmatch(name):
                raise Refuted(f"the bundle holds {name[:80]!a}, which no bundle has, or has once")
            if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise Malformed("the zip is compressed in a way that no bundle is")
            members[name] = info.file_size
        for name in ("events.jsonl", *members):
            if (wanted := name.removesuffix(".checkpoint")) not in members:
                raise Refuted(f"{wanted} is missing from the bundle")
        return members

    def _read_manifest(self) -> Mapping[str, Any]:
        try:
            found = decode_canonical(self._bytes("manifest.json"))
        except Malformed as error:
            raise Refuted(f"the manifest of the bundle: {error}") from None
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise Malformed(f"the zip is no bundle of the format {FORMAT}")
        numbers = [found.get("size"), found.get("entries")]
        ends = [found.get("first"), found.get("last")]
        if numbers[1] == 0 and ends == [None, None]:
            ends = [0, 0]
        chosen = found.get("filter") or {}
        texts = found.get("origin"), found.get("workspace")
        if (
            found.keys() != _FIELDS
            or not all(type(each) is int and each >= 0 for each in numbers + ends)
            or not isinstance(found["filter"], dict | None)
            or not _CHOICES.issuperset(chosen)
            or not all(isinstance(each, str) for each in [*texts, *chosen.values()])
        ):
            raise Refuted("the manifest has other fields than that of a bundle")
        return found

    def _require_tiles(self) -> None:
        """Every tile of level 1 and above is there, and none that the tree does not have."""
        wanted, level = set[str](), 1
        while count := self.size >> HEIGHT * level:
            wanted.update(self._names(level, count))
            if missing := wanted - self._members.keys():
                raise Refuted(f"{min(missing)} is missing from the bundle")
            level += 1
        wanted.update(self._names(0, self.size))
        for name, length in self._members.items():
            if name.startswith("tile/"):
                filled = int(name.partition(".p/")[2] or WIDTH)
                if name not in wanted or length != filled * HASH_SIZE:
                    raise Refuted(f"a tree of {self.size} entries has no such {name}")

    def _names(self, level: int, count: int) -> Iterator[str]:
        """The paths of the tiles of a level; those without end of a size that is made up stop."""
        for number in range(min(-(-count // WIDTH), WIDTH * len(self._members))):
            yield tile_path(level, number, width(level, number, self.size))

    def _text(self, name: str) -> str:
        try:
            return self._bytes(name).decode()
        except UnicodeDecodeError:
            raise Refuted(f"{name} in the bundle is no UTF-8") from None

    def _bytes(self, name: str) -> bytes:
        if self._members.get(name, LARGEST_MEMBER + 1) > LARGEST_MEMBER:
            raise Refuted(f"{name} is missing from the bundle, or is too large")
        with _reading():
            return self._zip.read(name)


@contextmanager
def _reading() -> Iterator[None]:
    """Whatever is wrong with a zip, in one word."""
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, RuntimeError, UnicodeError, struct.error) as error:
        raise Malformed(f"the bundle is no zip, or is damaged: {error}") from None
