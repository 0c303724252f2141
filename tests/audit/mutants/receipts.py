"""Changes of receipts.

An entry whose leaf, place, proof or values are others is the bad one, and of several the first. In
a text that is no receipt any more there are no entries. What a receipt does not open or show, and
which entries it has beside its own, is for whoever hands it over to say: less is no lie.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import rfc8785

from signoff.audit import note
from signoff.audit.receipt import FIRST_LINE
from tests.audit import building
from tests.audit.building import OTHER, Log, entry
from tests.audit.mutants.histories import FULL
from tests.audit.mutants.mutant import Family, Made, Mutant, flipped, seeded
from tests.audit.mutants.onereceipt import (
    ABOUT,
    ALSO,
    EXTRA,
    LINES,
    LOG,
    PROOF,
    TEXT,
    expected,
    is_true,
    of_unknown_key,
)
from tests.audit.mutants.specimens import WITNESSES, Witnessed, cosignature

_Change = Callable[[dict[str, Any]], object]


def bits() -> Iterator[Mutant]:
    """One bit, anywhere in the file."""
    data, random = TEXT.encode(), seeded("bits of a receipt")
    first = len(FIRST_LINE) + 1
    places = {
        *range(first),
        *random.sample(range(len(data)), 700),
        *range(len(data) - 700, len(data)),
    }
    for at in sorted(places):
        bit = random.randrange(8)
        changed = flipped(data, at, bit)
        if not of_unknown_key(changed):
            yield _mutant(f"bit {bit} of {at}", changed, unreadable=at < first)


def lines() -> Iterator[Mutant]:
    """The lines of the file: missing, again, in another order, in another form."""
    last = len(LINES) - 1
    for at in range(last):
        rest = [*LINES[:at], *LINES[at + 1 :]]
        if not of_unknown_key("\n".join(rest).encode()):
            yield _text(f"line {at} is missing", rest, at)
        if at < LINES.index("") + 1:
            yield _text(f"line {at} again", [*LINES[: at + 1], LINES[at], *LINES[at + 1 :]], at + 1)
        if at + 1 < last - 4:
            swapped = [*LINES[:at], LINES[at + 1], LINES[at], *LINES[at + 2 :]]
            yield _text(f"lines {at} and {at + 1}", swapped, at)
        for what, change in _FORMS.items():
            changed = [*LINES[:at], change(LINES[at]), *LINES[at + 1 :]]
            if changed != LINES and not of_unknown_key("\n".join(changed).encode()):
                yield _text(f"{what} in line {at}", changed, at)
    random = seeded("cuts of a receipt")
    for at in sorted(random.sample(range(len(TEXT)), 80)):
        if not of_unknown_key(TEXT[:at].encode()):
            yield _mutant(f"cut off at {at}", TEXT[:at].encode(), unreadable=at < 24)
    for value in (0, ABOUT - 1, ABOUT + 1, LOG.size - 1, LOG.size, 10**15):
        changed = [*LINES[:2], f"index {value}", *LINES[3:]]
        yield _text(f"index {value}", changed, 2)
    for value_ in (f"0{ABOUT}", f"-{ABOUT}", f"+{ABOUT}", f"{ABOUT}.0", "", "x", "10" * 12):
        yield _text(f"index {value_!r}", [*LINES[:2], f"index {value_}", *LINES[3:]], 2)


def told() -> Iterator[Mutant]:
    """What it tells, written as it has to be."""
    for number in (None, *range(len(ALSO))):
        own = "the entry" if number is None else f"entry {number} beside it"
        for what, change in _LEAF.items():
            yield from _told(f"{what} in {own}", number, change)
        opened = _part(EXTRA, number)["open"]
        for name in opened:
            for what, value in _OPENING.items():
                given = lambda one, name=name, value=value: one["open"].update(  # noqa: E731
                    {name: value(one["open"][name])}
                )
                yield from _told(f"{what} of {name} in {own}", number, given)
        if number is not None:
            for what, change in _BESIDE.items():
                yield from _told(f"{what} in {own}", number, change)
            for at in range(len(_part(EXTRA, number)["proof"])):
                yield from _told(f"hash {at} less in {own}", number, _hash(at, None))
                yield from _told(f"hash {at} is zero in {own}", number, _hash(at, bytes(32)))
                yield from _told(f"hash {at} is short in {own}", number, _hash(at, bytes(31)))
    for what, change in _EXTRA.items():
        yield from _all(what, change)


def exchanged() -> Iterator[Mutant]:
    """What one entry has, in the place of what another has."""
    for one in range(len(ALSO)):
        for two in range(one):
            for name in ("proof", "leaf", "open", "index", "shown"):
                title = f"{name} of {two} and {one}"
                extra = json.loads(json.dumps(EXTRA))
                _swap(one, two, name)(extra)
                # What one shows may be of the other's digest too: then it is shown there instead.
                if not all(map(is_true, extra["also"])):
                    yield from _all(title, _swap(one, two, name))


def others() -> Iterator[Mutant]:
    """Receipts of other logs, keys, histories and checkpoints."""
    true = Log(FULL[:300])
    about, also = ABOUT, list(ALSO)
    strange = note.Signer(name="log.test/default/other", seed=OTHER.seed)
    other = Log(FULL[:300], strange, origin=strange.name)
    forged = Log(FULL[:300], OTHER)
    one = building.receipt(true, about, also, keys=True)
    head = one.partition("\n\n")[0]
    for name, text in {
        "another key": building.receipt(forged, about, also, keys=True),
        "another key's checkpoint": f"{head}\n\n{forged.checkpoint()}",
        "another log": building.receipt(other, about, also, keys=True),
        "another log's checkpoint": f"{head}\n\n{other.checkpoint()}",
        "no witness": one,
        "one witness": building.receipt(Witnessed(FULL[:300], witnesses=["w2"]), about, also),
        "witnesses of another checkpoint": one
        + "".join(cosignature(LOG.checkpoint(), each) for each in WITNESSES),
    }.items():
        for policy in (LOG.policy,) if "witness" in name else (LOG.policy, true.policy):
            yield _given(f"{name}, {len(policy)} characters of policy", text, policy=policy)
    for size in range(ABOUT + 1, 300, 17):
        changed = f"{TEXT.partition(chr(10) * 2)[0]}\n\n{LOG.checkpoint(size)}"
        yield _given(f"the checkpoint of {size}", changed, min(ALSO))
        longer = LOG.checkpoint()
        short = building.receipt(Witnessed(FULL[:size]), about, also)
        yield _given(f"rolled back to {size}", short, size, since=longer)
    for at in range(ABOUT + 1, 300, 23):
        branch = Log([*FULL[:at], *(entry("log.read", number=each) for each in range(300 - at))])
        text = building.receipt(branch, about, also)
        since = true.checkpoint()
        yield _given(f"split at {at}", text, policy=true.policy, since=since)
    for at in range(20, 300, 11):
        leaf = FULL[at].leaf
        if leaf.get("intent", "int_1") != "int_1":
            text = building.receipt(true, about, [*also, at])
            yield _given(f"entry {at} of another intent", text, at, policy=true.policy)
    log = Log([*FULL[:60], entry("task.concluded", intent="int_1", workspace="other/main")])
    yield _given("another workspace", building.receipt(log, 60), 60, policy=log.policy)


def _set(**fields: Any) -> _Change:
    return lambda one: one["leaf"].update(fields)


_LEAF: dict[str, _Change] = {
    "backdated": _set(occurred_at="2020-01-01T00:00:00.000000Z"),
    "recorded earlier": _set(recorded_at="2020-01-01T00:00:00.000000Z"),
    "another outcome": lambda one: one["leaf"]["data"].update(outcome="rejected"),
    "another type": _set(type="task.expired"),
    "another person": _set(actor={"kind": "person", "ref": "per_eve"}),
    "another intent": _set(intent="int_2"),
    "another task": _set(task="tsk_2"),
    "another workspace": _set(workspace="default/other"),
    "another number": _set(seq=99),
    "more in the leaf": _set(more=1),
    "less in the leaf": lambda one: one["leaf"].pop("software"),
    "nothing in the leaf": lambda one: one["leaf"].clear(),
    "another digest": _set(digests={"view": f"sha256:{0:064x}"}),
    "another commitment": _set(commitments={"comment": "0" * 64}),
    "a value more": lambda one: one["open"].update(more={"salt": "A" * 43, "value": "1"}),
    "a view that was not shown": lambda one: one["shown"].update(view="{}"),
    "something that was not shown": lambda one: one["shown"].update(other="{}"),
    "a view that is no text": lambda one: one["shown"].update(view={}),
    "no leaf": lambda one: one.pop("leaf"),
    "no values": lambda one: one.pop("open"),
    "nothing shown": lambda one: one.pop("shown"),
    "a leaf that is a list": lambda one: one.update(leaf=[]),
    "values that are a list": lambda one: one.update(open=[]),
    "more": lambda one: one.update(more=1),
}
_BESIDE: dict[str, _Change] = {
    "an index more": lambda one: one.update(index=one["index"] + 1),
    "an index less": lambda one: one.update(index=one["index"] - 1),
    "an index below zero": lambda one: one.update(index=-1),
    "an index beyond the end": lambda one: one.update(index=10**12),
    "an index like the entry's": lambda one: one.update(index=ABOUT),
    "an index that is a text": lambda one: one.update(index=str(one["index"])),
    "no index": lambda one: one.pop("index"),
    "no proof": lambda one: one.pop("proof"),
    "an empty proof": lambda one: one.update(proof=[]),
    "a hash more": lambda one: one["proof"].append(base64.b64encode(bytes(32)).decode()),
    "a hash more at the beginning": lambda one: one["proof"].insert(0, one["proof"][0]),
    "a proof the other way": lambda one: one["proof"].reverse(),
    "a proof of numbers": lambda one: one.update(proof=[1]),
    "a proof without end": lambda one: one.update(proof=one["proof"] * 8),
}
_OPENING: dict[str, Callable[[dict[str, str]], Any]] = {
    "another value": lambda one: one | {"value": '"Never."'},
    "a value with a space": lambda one: one | {"value": f"{one['value']} "},
    "an empty value": lambda one: one | {"value": ""},
    "no value": lambda one: {"salt": one["salt"]},
    "another salt": lambda one: one | {"salt": one["salt"][:9] + "__" + one["salt"][11:]},
    "a shorter salt": lambda one: one | {"salt": one["salt"][:-1]},
    "a padded salt": lambda one: one | {"salt": f"{one['salt']}="},
    "something beside the value": lambda one: one | {"more": ""},
    "null": lambda one: None,
}
_EXTRA: dict[str, _Change] = {
    "an entry again": lambda extra: extra["also"].append(extra["also"][0]),
    "the entry itself beside it": lambda extra: extra["also"].append(
        {name: extra[name] for name in ("leaf", "open", "shown")}
        | {"index": ABOUT, "proof": [LINES[at] for at in PROOF]}
    ),
    "a number beside it": lambda extra: extra["also"].append(1),
    "nothing said beside it": lambda extra: extra.pop("also"),
    "an object beside it": lambda extra: extra.update(also={}),
    "keys that are numbers": lambda extra: extra.update(keys=[1]),
    "a key that is none": lambda extra: extra.update(keys=["x"]),
    "a key of another log": lambda extra: extra.update(keys=[note.vkey("other", OTHER.public)]),
}


def _hash(at: int, value: bytes | None) -> _Change:
    def change(one: dict[str, Any]) -> None:
        new = [] if value is None else [base64.b64encode(value).decode()]
        one["proof"][at : at + 1] = new

    return change


def _swap(one: int, two: int, name: str) -> _Change:
    def change(extra: dict[str, Any]) -> None:
        first, second = extra["also"][one], extra["also"][two]
        first[name], second[name] = second[name], first[name]

    return change


def _part(extra: dict[str, Any], number: int | None) -> dict[str, Any]:
    found: dict[str, Any] = extra if number is None else extra["also"][number]
    return found


def _told(name: str, number: int | None, change: _Change) -> Iterator[Mutant]:
    return _all(name, lambda extra: change(_part(extra, number)))


def _all(name: str, change: _Change) -> Iterator[Mutant]:
    """With other words, where the change makes other words."""
    extra = json.loads(json.dumps(EXTRA))
    change(extra)
    raw = rfc8785.dumps(extra)
    line = f"extra {base64.b64encode(raw).decode()}"
    data = "\n".join([LINES[0], line, *LINES[2:]]).encode()
    if raw != rfc8785.dumps(EXTRA):
        yield _mutant(name, data)


_FORMS: dict[str, Callable[[str], str]] = {
    "a space at the end": lambda line: f"{line} ",
    "a space at the beginning": lambda line: f" {line}",
    "a line end of Windows": lambda line: f"{line}\r",
    "a tab": lambda line: line.replace(" ", "\t"),
    "two spaces": lambda line: line.replace(" ", "  "),
    "another case": lambda line: line.swapcase(),
    "padding": lambda line: f"{line}=",
    "no padding": lambda line: line.rstrip("="),
    "the other alphabet": lambda line: line.replace("+", "-").replace("/", "_"),
    "an empty line": lambda line: f"\n{line}",
    "a NUL": lambda line: f"{line}\0",
}


def _text(name: str, lines: list[str], at: int) -> Mutant:
    return _mutant(name, "\n".join(lines).encode(), unreadable=at == 0)


def _mutant(name: str, data: bytes, *, unreadable: bool = False) -> Mutant:
    assert data != TEXT.encode(), "nothing is changed"

    def make() -> Made:
        try:
            data.decode()
        except UnicodeDecodeError:  # then it is no text, so no receipt
            return Made(data, policy=LOG.policy, unreadable=True)
        return Made(data, expected(data), LOG.policy, unreadable=unreadable)

    return Mutant(name=f"receipt: {name}", make=make)


def _given(
    name: str,
    text: str,
    index: int | None = None,
    *,
    policy: str = LOG.policy,
    since: str | None = None,
) -> Mutant:
    made = Made(text.encode(), index, policy, since)
    return Mutant(name=f"receipt: {name}", make=lambda: made)


FAMILIES: dict[str, Family] = {
    "bits of a receipt": bits,
    "lines of a receipt": lines,
    "what a receipt tells": told,
    "exchanged in a receipt": exchanged,
    "other receipts": others,
}
