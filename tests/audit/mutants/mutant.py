"""One changed file, with what a verdict has to say of it."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

Family = Callable[[], Iterable["Mutant"]]


class Made(NamedTuple):
    """A file, and what is to be said of it.

    :param bad: the first bad entry, worked out from the change alone; None where none is one.
    :param policy: the text of a policy file, where one is given.
    :param since: the earlier checkpoint, where one is given.
    :param unreadable: the file may be too damaged for anything to be said about it.
    """

    data: bytes
    bad: int | None = None
    policy: str | None = None
    since: str | None = None
    unreadable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A file that must not be verified: made only when it is wanted, for it may be large.

    :param name: under which ``python -m tests.audit.mutants NAME`` makes it again.
    """

    name: str
    make: Callable[[], Made]


def flipped(data: bytes, at: int, bit: int = 0) -> bytes:
    """With one bit changed."""
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def seeded(name: str) -> Random:
    """The same numbers in every run and every process."""
    return Random(name)


def stored(members: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> bytes:
    """A zip, without compression: what is in it is what is looked at."""
    pairs = members.items() if isinstance(members, Mapping) else members
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name is there twice is what some are about
        for name, content in pairs:
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()
