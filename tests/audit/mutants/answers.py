"""What a log signs although it does not hold: answers, passkeys, erasures, numbers of events.

The operator has the key, so every hash fits here. What is wrong is in what the entries say.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

from tests.audit.building import (
    ORIGIN,
    SIGNER,
    Log,
    Written,
    answered,
    base64url,
    bundle,
    decision,
    entry,
    erasure,
)
from tests.audit.mutants.mutant import Family, Made, Mutant, flipped, seeded, stored
from tests.audit.mutants.specimens import PASSKEYS, SeededPasskey

KINDS = ("es256", "eddsa", "rs256")
POLICY = Log(()).policy


def _history() -> list[Written]:
    found = [
        entry("log.opened", data={"origin": ORIGIN, "earlier": 0}, number=0),
        entry("log.key_added", data={"generation": 1, "key": SIGNER.vkey}, number=1),
        entry(
            "person.added",
            data={"person_id": "per_maria", "roles": ["approver"]},
            commit={"email": "maria@acme.test", "name": "Maria Weiß"},
            number=2,
        ),
    ]
    for each_key in PASSKEYS:
        found.append(each_key.added(len(found)))
    for each, passkey in enumerate([*PASSKEYS, None], 1):
        found += decision(len(found), intent=f"int_{each}", task=f"tsk_{each}", passkey=passkey)
    return found


TRUE = _history()
ANSWERS = [at for at, each in enumerate(TRUE) if each.leaf["type"] == "task.answered"]
_Change = Callable[[dict[str, Any]], object]


def assertions() -> Iterator[Mutant]:
    """Bits of what an authenticator signed, and of the key that it signed with."""
    for kind, at, added in zip(KINDS, ANSWERS, range(3, 6), strict=False):
        signature = TRUE[at].leaf["data"]["credential"]["signature"]
        random = seeded(f"assertions {kind}")
        for name in ("authenticator_data", "client_data", "signature", "credential_id"):
            raw = _raw(signature[name])
            for byte in sorted(random.sample(range(len(raw)), min(len(raw), 40))):
                changed = base64url(flipped(raw, byte, random.randrange(8)))
                yield _leaf(f"{kind}: byte {byte} of {name}", at, _signature(name, changed))
            for what, value in _texts(signature[name]).items():
                yield _leaf(f"{kind}: {name} is {what}", at, _signature(name, value))
            yield _leaf(f"{kind}: no {name}", at, _without(name))
        public = TRUE[added].leaf["data"]["public_key"]
        raw = _raw(public)
        for byte in sorted(random.sample(range(len(raw)), min(len(raw), 50))):
            changed = base64url(flipped(raw, byte, random.randrange(8)))
            if (kind, byte) != ("es256", 26):  # in which form the point is: two are the same point
                title = f"{kind}: byte {byte} of the key"
                yield _leaf(title, added, _data("public_key", changed), at)
        for what, value in _texts(public).items():
            yield _leaf(f"{kind}: the key is {what}", added, _data("public_key", value), at)


def passkeys() -> Iterator[Mutant]:
    """Whose passkey it is, since when, and until when."""
    eve = SeededPasskey("per_eve")
    for number, (kind, at) in enumerate(zip(KINDS, ANSWERS, strict=False)):
        added, passkey = 3 + number, PASSKEYS[number]
        for name, value in (
            ("person_id", "per_eve"),
            ("person_id", None),
            ("relying_party", "evil.test"),
            ("relying_party", f"{kind}.signoff.test"),
            ("credential_id", eve.id),
            ("credential_id", None),
            ("public_key", eve.public_key),
            ("public_key", PASSKEYS[(number + 1) % 3].public_key),
        ):
            yield _leaf(f"{kind}: {name} is {value}", added, _data(name, value), at)
        gone = entry("passkey.removed", data={"credential_id": passkey.id}, number=99)
        for where in range(added + 1, at + 1):
            inserted = [*TRUE[:where], gone, *TRUE[where:]]
            yield _log(f"{kind}: removed at {where}", inserted, at + 1)
        later = [*TRUE[:added], *TRUE[added + 1 :]]
        for where in range(at, len(later)):
            moved = [*later[:where], TRUE[added], *later[where:]]
            yield _log(f"{kind}: added at {where}", moved, at - 1)
        yield _log(f"{kind}: never added", later, at - 1)
        for what, assertion in _ASSERTIONS.items():
            given: Any = {"intent": f"int_{number + 1}", "task": f"tsk_{number + 1}", "seq": 3}
            other = answered(number=at, passkey=passkey, **given, **assertion)
            yield _log(f"{kind}: {what}", [*TRUE[:at], other, *TRUE[at + 1 :]], at)
        stranger = answered(
            intent=f"int_{number + 1}", task=f"tsk_{number + 1}", seq=3, passkey=eve, number=at
        )
        yield _log(f"{kind}: a stranger's", [*TRUE[:at], stranger, *TRUE[at + 1 :]], at)
        known = [*TRUE[:at], eve.added(98), stranger, *TRUE[at + 1 :]]
        yield _log(f"{kind}: somebody else's", known, at + 1)


_ASSERTIONS: dict[str, dict[str, Any]] = {
    "made at registration": {"kind": "webauthn.create"},
    "over another challenge": {"challenge": b"x" * 32},
    "over no challenge": {"challenge": b""},
    "for another site": {"relying_party": "evil.test"},
    "for a part of the site": {"relying_party": "test"},
    "nobody was there": {"flags": 0x04},
    "nobody was verified": {"flags": 0x01},
    "without flags": {"flags": 0x00},
    "by another person": {"person": "per_eve"},
}


def statements() -> Iterator[Mutant]:
    """Another answer under a signature, or under a digest."""
    for kind, at in zip((*KINDS, "unsigned"), ANSWERS, strict=True):
        for what, change in _ANSWER.items():
            written = deepcopy(TRUE[at])
            change(written.leaf)
            # Which view it was, of what task and by whom, only a signature binds to the answer.
            if kind != "unsigned" or what in _DIGESTED:
                again = Written(written.leaf, written.opened)
                yield _log(f"{kind}: {what}", [*TRUE[:at], again, *TRUE[at + 1 :]], at)
        for comment in ("Never.", "Looks right. ", "looks right.", "", "Looks right.\0"):
            yield _log(f"{kind}: comment {comment!r}", _commented(at, comment), at)
        for one, two in ((at, ANSWERS[0]), (at, ANSWERS[1])):
            if one != two and kind != "unsigned":
                written = deepcopy(TRUE[one])
                other = TRUE[two].leaf["data"]["credential"]
                written.leaf["data"]["credential"] = other
                name = f"{kind}: signed like {two}"
                yield _log(name, [*TRUE[:one], written, *TRUE[one + 1 :]], one)


def _commented(at: int, comment: str) -> list[Written]:
    """With another comment that fits its commitment, under the digest and the signature as was."""
    leaf = TRUE[at].leaf
    number = int(leaf["intent"][4:])
    other = answered(
        intent=leaf["intent"], task=leaf["task"], seq=3, comment=comment, number=at + number * 100
    )
    again = deepcopy(other)
    again.leaf["digests"] = leaf["digests"]
    again.leaf["data"]["credential"] = leaf["data"]["credential"]
    return [*TRUE[:at], again, *TRUE[at + 1 :]]


def _set(name: str, part: str, value: Any) -> _Change:
    return lambda leaf: leaf[part].update({name: value})


_ANSWER: dict[str, _Change] = {
    "rejected": _set("outcome", "data", "rejected"),
    "approved with a space": _set("outcome", "data", "approved "),
    "no outcome": lambda leaf: leaf["data"].pop("outcome"),
    "an outcome that is a list": _set("outcome", "data", ["approved"]),
    "another digest": _set("answer", "digests", f"sha256:{0:064x}"),
    "a shorter digest": _set("answer", "digests", "sha256:00"),
    "a digest in capitals": lambda leaf: leaf["digests"].update(
        answer=leaf["digests"]["answer"].upper()
    ),
    "a digest that is none": _set("answer", "digests", None),
    "no digest": lambda leaf: leaf["digests"].pop("answer"),
    "another view": _set("view", "digests", f"sha256:{0:064x}"),
    "no view": lambda leaf: leaf["digests"].pop("view"),
    "another task": lambda leaf: leaf.update(task="tsk_9"),
    "no task": lambda leaf: leaf.pop("task"),
    "another person": lambda leaf: leaf["actor"].update(ref="per_eve"),
    "an agent": lambda leaf: leaf["actor"].update(kind="agent"),
    "a service": lambda leaf: leaf.update(actor={"kind": "service", "ref": "server"}),
    "nobody": lambda leaf: leaf.pop("actor"),
    "a signature that is a text": lambda leaf: leaf["data"]["credential"].update(signature="x"),
    "a signature that is null": lambda leaf: leaf["data"]["credential"].update(signature=None),
    "signed without a signature": lambda leaf: leaf["data"].update(
        credential={"strength": "signed", "method": "passkey"}
    ),
    "a credential that is a list": _set("credential", "data", []),
}
_DIGESTED = {
    "rejected",
    "approved with a space",
    "no outcome",
    "an outcome that is a list",
    "another digest",
    "a shorter digest",
    "a digest in capitals",
    "a digest that is none",
    "a signature that is a text",
    "a signature that is null",
    "signed without a signature",
    "a credential that is a list",
}


def erasures() -> Iterator[Mutant]:
    """Values that are gone, and no erasure that covers them."""
    for at, written in enumerate(TRUE):
        for name in written.opened:
            log = list(TRUE)
            log[at] = written.without(name)
            intent = written.leaf.get("intent")
            person = written.leaf.get("data", {}).get("person_id")
            yield _log(f"{name} of {at}, without a word", log, at)
            for what, excuse in _excuses(intent, person, name).items():
                yield _log(f"{name} of {at}, {what}", [*log, excuse], at)
            if intent is not None:
                early = [*log[:at], erasure(intent, number=90), *log[at:]]
                yield _log(f"{name} of {at}, erased before", early, at + 1)
                rest = [at for at, each in enumerate(log) if each.leaf.get("intent") == intent]
                also = list(log)
                also[rest[0]] = also[rest[0]].without(*also[rest[0]].opened)
                first = rest[0] if at != rest[0] or len(written.opened) > 1 else None
                if first is not None and name != next(iter(TRUE[first].opened)):
                    only = erasure(intent, fields=[name], number=91)
                    yield _log(f"{name} of {at} erased, and more gone", [*also, only], first)


def _excuses(intent: str | None, person: str | None, name: str) -> dict[str, Written]:
    of: Any = {} if intent else {"person_id": person}
    found = {
        "another intent's": erasure("int_9", number=80),
        "another person's": erasure(None, person_id="per_eve", number=81),
        "nobody's": erasure(None, number=82),
        "another field": erasure(intent, fields=[f"{name}x"], number=83, **of),
        "a part of the name": erasure(intent, fields=[name[:-1]], number=84, **of),
        "the name in capitals": erasure(intent, fields=[name.upper()], number=85, **of),
        "a field that is a text": erasure(intent, fields=name, number=86, **of),
        "a field that is a list": erasure(intent, fields=[[name]], number=87, **of),
        "an erasure by name": entry("erasure.planned", intent=intent, data=of, number=88),
    }
    if intent:
        found["a person's like the intent"] = erasure(None, person_id=intent, number=89)
    return found


def numbers() -> Iterator[Mutant]:
    """Events that are missing, there twice, or have another number."""
    for at in (at for at, each in enumerate(TRUE) if "seq" in each.leaf):
        for name, entries in _renumbered(at):
            index = _first_unnumbered(entries)
            # The last event of an intent may still be to come: nothing says that it is missing.
            if index is not None:
                yield _log(name, entries, index)


def _renumbered(at: int) -> Iterator[tuple[str, list[Written]]]:
    for value in (-1, 0, 1, 2, 3, 4, 5, 2**53 - 1, "1", None, True, [1]):
        if repr(value) != repr(TRUE[at].leaf["seq"]):
            yield f"event {at} has the number {value!r}", _with(at, seq=value)
    for intent in ("int_77", "int_1", "int_4", None):
        if intent != TRUE[at].leaf["intent"]:
            yield f"event {at} is of {intent}", _with(at, intent=intent)
    rest = [*TRUE[:at], *TRUE[at + 1 :]]
    yield f"event {at} was not logged", rest
    yield f"event {at} at the end", [*rest, TRUE[at]]
    yield f"event {at} again", [*TRUE[: at + 1], TRUE[at], *TRUE[at + 1 :]]
    yield f"event {at} again at the end", [*TRUE, TRUE[at]]


def _first_unnumbered(entries: Sequence[Written]) -> int | None:
    """Counted here: the first event whose number does not follow."""
    last: dict[Any, int] = {}
    for at, each in enumerate(entries):
        if "seq" not in each.leaf:
            continue
        intent, number = each.leaf.get("intent"), each.leaf["seq"]
        follows = type(number) is int and number == last.get(intent, 0) + 1
        if not isinstance(intent, str) or not follows:
            return at
        last[intent] = number
    return None


def _with(at: int, **fields: Any) -> list[Written]:
    changed = Written(TRUE[at].leaf | fields, TRUE[at].opened)
    return [*TRUE[:at], changed, *TRUE[at + 1 :]]


def _signature(name: str, value: Any) -> _Change:
    return lambda leaf: leaf["data"]["credential"]["signature"].update({name: value})


def _without(name: str) -> _Change:
    return lambda leaf: leaf["data"]["credential"]["signature"].pop(name)


def _data(name: str, value: Any) -> _Change:
    return lambda leaf: leaf["data"].update({name: value})


def _texts(text: str) -> dict[str, Any]:
    """The same bytes in another form, or others."""
    return {
        "empty": "",
        "padded": f"{text}=",
        "padded twice": f"{text}==",
        "cut off": text[:-3],
        "followed by a space": f"{text} ",
        "with a line end": f"{text[:8]}\n{text[8:]}",
        "of the other alphabet": text[:8] + "+/" + text[10:],
        "no text": 1,
        "null": None,
        "a list": [text],
    }


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _leaf(name: str, at: int, change: _Change, index: int | None = None) -> Mutant:
    """With another leaf. :param index: the first bad entry, where that is another."""

    def make() -> Made:
        written = deepcopy(TRUE[at])
        change(written.leaf)
        assert written.leaf != TRUE[at].leaf, "nothing is changed"
        log = Log([*TRUE[:at], written, *TRUE[at + 1 :]])
        return Made(stored(bundle(log)), at if index is None else index, POLICY)

    return Mutant(name=name, make=make)


def _log(name: str, entries: Sequence[Written], index: int) -> Mutant:
    return Mutant(name=name, make=lambda: Made(stored(bundle(Log(entries))), index, POLICY))


FAMILIES: dict[str, Family] = {
    "assertions": assertions,
    "passkeys": passkeys,
    "statements": statements,
    "erasures": erasures,
    "numbers": numbers,
}
