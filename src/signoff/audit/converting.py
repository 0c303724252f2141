"""Turns a bundle into what other tools and people read. Verify it first: this believes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from .bundle import Bundle
from .checkpoint import parse
from .formats import FORMATS, About

_PIECE = 128 * 1024


def convert(path: Path, form: str) -> Iterator[bytes]:
    """Yield the bundle in another form, in pieces.

    :param form: one of ``FORMATS``.
    :raises Malformed: the file is no bundle.
    """
    with Bundle(path) as bundle:
        held: list[str] = []
        size = 0
        for text in FORMATS[form](map(json.loads, bundle.lines()), _about(bundle)):
            held.append(text)
            size += len(text)
            if size > _PIECE:
                yield "".join(held).encode()
                held, size = [], 0
        yield "".join(held).encode()


def _about(bundle: Bundle) -> About:
    now = parse(bundle.note)
    chosen = bundle.manifest["filter"] or {}
    return About(
        origin=now.origin,
        workspace=bundle.manifest["workspace"],
        size=now.size,
        root=now.root.hex(),
        key=" ".join(bundle.keys),
        entries=bundle.manifest["entries"],
        chosen=", ".join(f"{name} {value}" for name, value in chosen.items()),
    )
