"""The command line of the verifier: which files it is given, what it prints, how it exits."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import Malformed

if TYPE_CHECKING:
    from .verify import Verdict

VERIFIED, REFUTED, UNCHECKED = 0, 1, 2
USAGE = """\
usage: verify FILE [--policy FILE] [--since FILE] [--tsa-roots FILE] [--json] [--quiet]

  FILE         a bundle (zip) or a receipt (.tlog-proof)
  --policy     whom you rely on: keys of logs and witnesses (C2SP tlog-policy)
  --since      a checkpoint of the same log that you have kept from before
  --tsa-roots  certificates of timestamp authorities that you trust (PEM)
  --json       the verdict as JSON
  --quiet      nothing but the exit code

exit codes: 0 verified, 1 refuted, 2 could not be checked
"""
_PATIENCE_SECONDS = 1.0
_SMALL = 1024 * 1024


@dataclass(slots=True)
class _Asked:
    file: str = ""
    policy: str | None = None
    since: str | None = None
    tsa_roots: str | None = None
    json: bool = False
    quiet: bool = False


def main(argv: Sequence[str]) -> int:
    """Verify what the arguments name; returns the exit code."""
    if any(word in ("-h", "--help") for word in argv):
        sys.stdout.write(USAGE)
        return VERIFIED
    try:
        asked = _asked(list(argv))
    except ValueError as error:
        sys.stderr.write(f"{error}\n{USAGE}")
        return UNCHECKED
    try:
        return _run(asked)
    except ImportError as error:
        _complain(f"{error.name} is not installed: pip install cryptography")
    except Malformed as error:
        _complain(str(error))
    except OSError as error:
        _complain(f"{error.filename or asked.file}: {error.strerror or error}")
    except (MemoryError, RecursionError):
        _complain(f"{asked.file} is too large, or nested too deeply")
    return UNCHECKED


def _run(asked: _Asked) -> int:
    from . import checkpoint, policy, receipt
    from .verify import verify_bundle, verify_receipt

    relied = None if asked.policy is None else policy.parse(_text(asked.policy, _SMALL))
    since = None if asked.since is None else checkpoint.parse(_text(asked.since, _SMALL))
    with Path(asked.file).open("rb") as file:
        is_zip = file.read(2) == b"PK"
    story: list[str] = []
    if is_zip:
        roots = None if asked.tsa_roots is None else Path(asked.tsa_roots).read_bytes()
        progress = None if asked.quiet or not sys.stderr.isatty() else _Progress()
        path = Path(asked.file)
        verdict = verify_bundle(path, relied, since, progress, tsa_roots=roots)
        if progress:
            progress.clear()
    else:
        text = _text(asked.file, receipt.LONGEST)
        verdict = verify_receipt(text, relied, since)
        if verdict.refuted is None:
            from .telling import told

            story = told(receipt.decode(text))
    if not asked.quiet:
        try:
            _print(verdict, story, as_json=asked.json)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read it has seen enough; the exit code says the verdict
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if verdict.refuted is not None:
        return REFUTED
    return VERIFIED if verdict.verified else UNCHECKED


def _asked(words: list[str]) -> _Asked:
    """:raises ValueError: they cannot be understood."""
    asked = _Asked()
    if words[:1] == ["verify"]:
        words.pop(0)
    while words:
        word = words.pop(0)
        option, given, value = word.partition("=")
        name = option.removeprefix("--").replace("-", "_")
        if word in ("--json", "--quiet"):
            setattr(asked, name, True)
        elif word.startswith("--") and name in ("policy", "since", "tsa_roots"):
            if not given and not words:
                raise ValueError(f"{word} needs a file")
            setattr(asked, name, value if given else words.pop(0))
        elif word.startswith("-") or asked.file:
            raise ValueError(f"{word} cannot be understood")
        else:
            asked.file = word
    if not asked.file:
        raise ValueError("which file?")
    return asked


def _text(name: str, longest: int) -> str:
    with Path(name).open("rb") as file:
        data = file.read(longest + 1)
    if len(data) > longest:
        raise Malformed(f"{name} is too large")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Malformed(f"{name} is neither a bundle nor a text") from None


def _print(verdict: Verdict, story: list[str], *, as_json: bool) -> None:
    if as_json:
        index, why = verdict.refuted or (None, None)
        found = {
            "kind": verdict.kind,
            "verified": verdict.verified,
            "refuted": None if why is None else {"index": index, "why": why},
            "origin": verdict.origin,
            "size": verdict.size,
            "root": verdict.root,
            "key_pinned": verdict.pinned,
            "proved": verdict.proved,
            "not_checked": verdict.not_checked,
            "story": story,
        }
        print(json.dumps(found, indent=2))
        return
    if verdict.refuted is not None:
        index, why = verdict.refuted
        print(f"REFUTED{'' if index is None else f' at entry {index}'}: {_plain(why)}")
        print("Nothing else in this file should be relied on.")
        return
    print("VERIFIED" if verdict.verified else "COULD NOT BE CHECKED")
    for title, lines in (
        ("What happened, as the log has it:", story),
        ("Proved:", verdict.proved),
        ("Not checked:", verdict.not_checked),
    ):
        if lines:
            print(f"\n{title}")
        for line in lines:
            print(f"  - {_plain(line)}")


def _plain(text: str) -> str:
    """No control characters, nothing that turns the direction of writing, nothing invisible."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _complain(why: str) -> None:
    sys.stderr.write(f"could not be checked: {_plain(why)}\n")


class _Progress:
    """Says how far it is, once it takes longer than a second."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._start > _PATIENCE_SECONDS:
            self._shown = True
            sys.stderr.write(f"\r{done:,} of {total:,} entries")

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
