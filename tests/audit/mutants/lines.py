"""Changes of ``events.jsonl``: bits, lines, values, and the way in which they are written.

A line that differs from the one that was signed is the first bad entry. In a whole log that is the
entry whose place it takes; in a part, which entry stands where is known from its index alone, and
what is missing from the numbers of an intent, or within the time that was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import rfc8785

from tests.audit.building import entry, line
from tests.audit.mutants.mutant import Family, Made, Mutant, flipped, seeded, stored
from tests.audit.mutants.specimens import DEEP, INTENT, RANGE, SMALL, WHOLE, Specimen

Edits = Mapping[int, Sequence[bytes]]
"""The number of a line, and the lines in its place."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_BACK = ("2020-01-01T00:00:00.000000Z", "2026-11-25T00:00:00.000000Z")


def first_bad(specimen: Specimen, changed: bytes) -> int | None:
    """The first entry that is not as it was signed, or not where it was."""
    found, true = changed.split(b"\n"), specimen.events.split(b"\n")
    if specimen.complete:
        pairs = zip(found, true, strict=False)
        return next((at for at, (one, two) in enumerate(pairs) if one != two), len(found) - 1)
    kept, last, numbers = set(true), -1, dict[str, int]()
    gap: int | None = None
    for each in found[:-1]:
        index = _index(each)
        if index is None or each not in kept or index <= last:
            return index
        leaf = json.loads(each)["leaf"]
        if specimen is RANGE and last >= 0:
            gap = last + 1 if gap is None and index != last + 1 else gap
            if gap is not None and leaf["type"] != "erasure.done":
                return gap
        if "seq" in leaf:
            if leaf["seq"] != numbers.get(leaf["intent"], leaf["seq"] - 1) + 1:
                return index
            numbers[leaf["intent"]] = leaf["seq"]
        last = index
    return None


def bits() -> Iterator[Mutant]:
    """One bit of every line, and many of some."""
    for specimen, often in ((WHOLE, 1), (SMALL, 4), (RANGE, 1), (INTENT, 25), (DEEP, 30)):
        random, start = seeded(f"bits of {specimen.name}"), 0
        for number, each in enumerate(specimen.lines):
            wanted = often if specimen is not WHOLE or number % 3 == 0 else 0
            for at in sorted(random.sample(range(len(each)), wanted)):
                yield _bit(specimen, start + at, random.randrange(8))
            start += len(each)
    yield _bit(WHOLE, len(WHOLE.events) - 1, 0)


def removed() -> Iterator[Mutant]:
    """Lines that are missing, and ends that are cut off."""
    for specimen, step in ((WHOLE, 17), (SMALL, 3), (RANGE, 3), (INTENT, 1), (DEEP, 1)):
        count = len(specimen.lines)
        for at in sorted({*range(0, count, step), count - 1}):
            yield _edited(specimen, f"line {at} is missing", {at: []})
            rest: Edits = {each: [] for each in range(at, count)}
            yield _edited(specimen, f"lines from {at} on are missing", rest)
        random = seeded(f"cuts of {specimen.name}")
        for cut in sorted(random.sample(range(len(specimen.events)), 40)):
            yield _cut(specimen, cut)


def inserted() -> Iterator[Mutant]:
    """Lines that nobody recorded, or that are there twice."""
    for specimen, step in ((WHOLE, 48), (SMALL, 5), (RANGE, 6), (INTENT, 1), (DEEP, 1)):
        lines, last = specimen.lines, len(specimen.lines) - 1
        for at in sorted({*range(0, last, step), last}):
            foreign = line(specimen.places[at], entry("task.answered", intent="int_1", number=9999))
            for name, more in (
                ("a foreign line", foreign),
                ("an empty line", b"\n"),
                ("the same line", lines[at]),
                ("an earlier line", lines[at // 2 - 1 if at > 1 else at]),
            ):
                yield _edited(specimen, f"{name} before {at}", {at: [more, lines[at]]})
            yield _edited(specimen, f"line {at} at the end", {last: [lines[last], lines[at]]})


def swapped() -> Iterator[Mutant]:
    """Lines that took each other's place, with their numbers and without."""
    for specimen, often in ((WHOLE, 30), (SMALL, 30), (RANGE, 30), (INTENT, 10), (DEEP, 6)):
        random, lines = seeded(f"swaps of {specimen.name}"), specimen.lines
        pairs = {(at, at + 1) for at in random.sample(range(len(lines) - 1), 4)}
        while len(pairs) < often:
            one, two = sorted(random.sample(range(len(lines)), 2))
            pairs.add((one, two))
        for one, two in sorted(pairs):
            yield _edited(
                specimen, f"lines {one} and {two}", {one: [lines[two]], two: [lines[one]]}
            )
            first, second = json.loads(lines[one]), json.loads(lines[two])
            first["index"], second["index"] = second["index"], first["index"]
            changed: Edits = {one: [_line(second)], two: [_line(first)]}
            yield _edited(specimen, f"entries {one} and {two}", changed)


def leaves() -> Iterator[Mutant]:
    """Leaves that say something else."""
    for specimen, step in ((WHOLE, 73), (SMALL, 7), (RANGE, 13), (INTENT, 1), (DEEP, 1)):
        for at in range(0, len(specimen.lines), step):
            for name, change in (_LEAF | _INDEX).items():
                yield from _changed(specimen, at, name, change)


def values() -> Iterator[Mutant]:
    """Values that are opened as something else, or not at all."""
    for specimen, step in ((WHOLE, 131), (SMALL, 5), (RANGE, 17), (INTENT, 2), (DEEP, 1)):
        opening = [at for at, each in enumerate(specimen.lines) if b'"open":{}' not in each]
        for at in opening[::step]:
            names = list(json.loads(specimen.lines[at])["open"])
            for name in names:
                for what, change in _OPENING.items():
                    yield from _changed(specimen, at, f"{what} of {name}", _on(name, change))
            yield from _changed(specimen, at, "nothing open", lambda given: given.update(open={}))
            yield from _changed(specimen, at, "no open", lambda given: given.pop("open"))
            if len(names) > 1:
                yield from _changed(specimen, at, "two values", _exchanged)
        for one, two in zip(opening[::5], opening[1::5], strict=False):
            yield from _exchanged_between(specimen, one, two)


def forms() -> Iterator[Mutant]:
    """The same JSON, in another form."""
    for specimen, step in ((WHOLE, 290), (SMALL, 13), (RANGE, 45), (INTENT, 2), (DEEP, 2)):
        commented = [at for at, each in enumerate(specimen.lines) if b"task.commented" in each]
        for at in sorted({*range(0, len(specimen.lines), step), *commented[:2]}):
            for name, changed in _forms(specimen.lines[at][:-1]):
                yield _edited(specimen, f"{name} in {at}", {at: [changed + b"\n"]})
        for name, changed in _forms(specimen.members["manifest.json"]):
            yield _manifest(specimen, name, changed)


def _manifest(specimen: Specimen, name: str, changed: bytes) -> Mutant:
    def make() -> Made:
        return Made(
            stored(specimen.members | {"manifest.json": changed}),
            policy=specimen.policy,
            unreadable=not changed.startswith(b"{") or b"bundle/1" not in changed,  # of no format
        )

    return Mutant(name=f"{specimen.name}: {name} in the manifest", make=make)


def _forms(each: bytes) -> Iterator[tuple[str, bytes]]:
    value = json.loads(each)
    text = each.decode()
    yield "spaces", json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    yield "keys in another order", _written(_reversed(value))
    yield "indented", json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode()
    for name, one, two in (
        ("a space at the beginning", "{", " {"),
        ("a space after a colon", ":", ": "),
        ("a tab", ",", ",\t"),
        ("an escaped letter", "main", "m\\u0061in"),
        ("an escaped capital", "main", "m\\u0061i\\u006E"),
        ("an escaped slash", "default/main", "default\\/main"),
        ("a mark at the beginning", "{", "\ufeff{"),
        ("a comma too many", "}", ",}"),
        ("a key twice", "{", '{"index":0,'),
        ("a text in another case", "default", "Default"),
        ("a float", ":1,", ":1.0,"),
        ("an exponent", ":1,", ":1e0,"),
        ("a leading zero", ":1,", ":01,"),
        ("a plus", ":1,", ":+1,"),
        ("less than nothing", ":0,", ":-0,"),
        ("a number too large", ":1,", ":9007199254740993,"),
        ("a text for a number", ":1,", ':"1",'),
        ("true for a number", ":1,", ":true,"),
        ("an escaped character", "ö", "\\u00f6"),
        ("two characters for one", "ö", "o\u0308"),
        ("a pair of escapes", "\U0001f600", "\\ud83d\\ude00"),
        ("half a pair", "\U0001f600", "\\ud83d"),
        ("an escaped separator", "\u2028", "\\u2028"),
    ):
        if one in text:
            yield name, text.replace(one, two, 1).encode()
    for name, changed in (
        ("a line end of Windows", each + b"\r"),
        ("a space at the end", each + b" "),
        ("a NUL at the end", each + b"\0"),
        ("latin-1", each.replace(b"main", b"m\xe4in", 1)),
        ("UTF-16", text.encode("utf-16-le").replace(b"\n", b"\n\0")),
        ("an overlong slash", each.replace(b"/", b"\xc0\xaf", 1)),
        ("half a surrogate", each.replace(b"main", b"m\xed\xa0\x80in", 1)),
        ("an array around it", b"[" + each + b"]"),
        ("a text around it", json.dumps(text).encode()),
    ):
        yield name, changed


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(each) for key, each in reversed(value.items())}
    return value


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _line(value: Any) -> bytes:
    return rfc8785.dumps(value) + b"\n"


def _set(**fields: Any) -> Callable[[Any], object]:
    return lambda given: given["leaf"].update(fields)


_LEAF: dict[str, Callable[[Any], object]] = {
    "backdated": _set(occurred_at=_BACK[0]),
    "recorded earlier": _set(recorded_at=_BACK[0]),
    "both backdated": _set(occurred_at=_BACK[1], recorded_at=_BACK[0]),
    "another type": _set(type="log.read"),
    "another actor": _set(actor={"kind": "person", "ref": "per_eve"}),
    "another workspace": _set(workspace="other/main"),
    "another intent": _set(intent="int_999"),
    "another number": _set(seq=77),
    "another id": _set(event_id="019ab0f3-0000-7000-8000-0000000fffff"),
    "an extra key in the leaf": _set(note="x"),
    "a key less in the leaf": lambda given: given["leaf"].pop("software"),
    "no type": lambda given: given["leaf"].pop("type"),
    "an extra key": lambda given: given.update(more=1),
    "another commitment": lambda given: given["leaf"].update(commitments={"title": "0" * 64}),
}
_INDEX: dict[str, Callable[[Any], object]] = {
    "an index more": lambda given: given.update(index=given["index"] + 1),
    "an index less": lambda given: given.update(index=given["index"] - 1),
    "an index beyond the end": lambda given: given.update(index=10**9),
    "an index below zero": lambda given: given.update(index=-1 - given["index"]),
    "an index as a text": lambda given: given.update(index=str(given["index"])),
    "no index": lambda given: given.pop("index"),
    "no leaf": lambda given: given.pop("leaf"),
    "a leaf that is a list": lambda given: given.update(leaf=[given["leaf"]]),
}


def _on(name: str, change: Callable[[dict[str, Any], str], object]) -> Callable[[Any], object]:
    return lambda given: change(given["open"], name)


def _spaced(opened: dict[str, Any], name: str) -> None:
    opened[name]["value"] = json.dumps(json.loads(opened[name]["value"]), indent=1) + " "


def _escaped(opened: dict[str, Any], name: str) -> None:
    value = json.loads(opened[name]["value"])
    again = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    text = again if again != opened[name]["value"] else again.replace('"', '"\\u0020', 1)
    opened[name]["value"] = text


def _next_letter(salt: str, at: int) -> str:
    other = _LETTERS[(_LETTERS.index(salt[at]) + 1) % 64]
    return salt[:at] + other + salt[at:][1:]


_OPENING: dict[str, Callable[[dict[str, Any], str], object]] = {
    "another value": lambda opened, name: opened[name].update(value='"24 EUR"'),
    "a value with spaces": _spaced,
    "a value with escapes": _escaped,
    "a value that is no text": lambda opened, name: opened[name].update(value=1),
    "an empty value": lambda opened, name: opened[name].update(value=""),
    "a salt with another letter": lambda opened, name: opened[name].update(
        salt=_next_letter(opened[name]["salt"], 5)
    ),
    "a salt with other bits at its end": lambda opened, name: opened[name].update(
        salt=_next_letter(opened[name]["salt"], 42)
    ),
    "a salt with padding": lambda opened, name: opened[name].update(
        salt=opened[name]["salt"] + "="
    ),
    "a salt that is too short": lambda opened, name: opened[name].update(
        salt=opened[name]["salt"][:-1]
    ),
    "no salt": lambda opened, name: opened[name].pop("salt"),
    "something else beside": lambda opened, name: opened[name].update(more=""),
    "no opening": lambda opened, name: opened.update({name: None}),
    "another name": lambda opened, name: opened.update({f"{name}x": opened.pop(name)}),
    "one more": lambda opened, name: opened.update({f"{name}x": opened[name]}),
    "one less": lambda opened, name: opened.pop(name),
}


def _exchanged(given: Any) -> None:
    one, two = list(given["open"])[:2]
    given["open"][one], given["open"][two] = given["open"][two], given["open"][one]


def _exchanged_between(specimen: Specimen, one: int, two: int) -> Iterator[Mutant]:
    for whole in (True, False):
        first, second = (json.loads(specimen.lines[at]) for at in (one, two))
        if whole:
            first["open"], second["open"] = second["open"], first["open"]
        else:
            names = next(iter(first["open"])), next(iter(second["open"]))
            mine, other = first["open"][names[0]], second["open"][names[1]]
            first["open"][names[0]], second["open"][names[1]] = other, mine
        what = "all values" if whole else "a value"
        changed: Edits = {one: [_line(first)], two: [_line(second)]}
        yield _edited(specimen, f"{what} of {one} and {two}", changed)


def _changed(
    specimen: Specimen, at: int, name: str, change: Callable[[Any], object]
) -> Iterator[Mutant]:
    """With another line, where the change makes another."""
    value = json.loads(specimen.lines[at])
    change(value)
    if (changed := _line(value)) != specimen.lines[at]:
        yield _edited(specimen, f"{name} in {at}", {at: [changed]})


def _index(each: bytes) -> int | None:
    """What a line says that it is; None where it is no line of a bundle."""
    try:
        value = json.loads(each, parse_float=_refused)
        if not isinstance(value, dict) or rfc8785.dumps(value) != each:
            return None
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        return None
    types = [type(value.get(name)) for name in ("index", "leaf", "open")]
    index: int = value.get("index", -1)
    return index if types == [int, dict, dict] and len(value) == 3 else None


def _refused(text: str) -> None:
    raise ValueError(text)


def _bit(specimen: Specimen, at: int, bit: int) -> Mutant:
    name = f"{specimen.name}: bit {bit} of {at} in events.jsonl"
    return _mutant(specimen, name, lambda: flipped(specimen.events, at, bit))


def _cut(specimen: Specimen, at: int) -> Mutant:
    name = f"{specimen.name}: events.jsonl cut off at {at}"
    return _mutant(specimen, name, lambda: specimen.events[:at])


def _edited(specimen: Specimen, name: str, edits: Edits) -> Mutant:
    """With other lines in the place of some."""

    def changed() -> bytes:
        lines = [[each] for each in specimen.lines]
        for at, others in edits.items():
            lines[at] = list(others)
        return b"".join(each for some in lines for each in some)

    return _mutant(specimen, f"{specimen.name}: {name}", changed)


def _mutant(specimen: Specimen, name: str, change: Callable[[], bytes]) -> Mutant:
    def make() -> Made:
        changed = change()
        assert changed != specimen.events, "nothing is changed"
        return Made(
            stored(specimen.members | {"events.jsonl": changed}),
            first_bad(specimen, changed),
            specimen.policy,
        )

    return Mutant(name=name, make=make)


FAMILIES: dict[str, Family] = {
    "bits of lines": bits,
    "lines removed": removed,
    "lines inserted": inserted,
    "lines swapped": swapped,
    "leaves": leaves,
    "values": values,
    "forms": forms,
}
