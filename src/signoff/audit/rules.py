"""What has to hold of the entries of a log beside their hashes, seen one by one and in order.

The tree proves that an entry is what was recorded. That what was recorded is sound is checked here:
values fit their commitments, nothing is missing from an intent, what is closed was erased, and a
passkey's signature is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from itertools import product
from typing import Any

from .entries import Entry
from .errors import Malformed, Refuted
from .exact import written
from .passkey import statement, wrong

_ANSWER = ("comment", "data", "evidence")
_EMPTY = {"comment": ("null", '""'), "data": ("null", "{}", "[]", '""'), "evidence": ("[]",)}


class Rules:
    """:param complete: every entry of the log is given, so none can be missing.

    :param chosen: which part of it is given: an intent, or all of a time. Where there is no word of
        that either (it is a receipt), entries may be missing, and values closed, without a reason.
    """

    def __init__(self, workspace: str, *, complete: bool, chosen: Any = None) -> None:
        self.counts: Counter[str] = Counter()
        self.numbered: dict[str, int] = {}  # the last number of each intent
        self._workspace = workspace
        self._complete = complete
        self._free = not complete and chosen is None
        self._earlier: bool | None = None  # whether there was an intent before the log
        self._chosen = chosen
        self._next: int | None = None
        self._gap: int | None = None
        self._late: Refuted | None = None
        self._passkeys: dict[str, Mapping[str, Any] | None] = {}
        self._waiting: list[tuple[int, str, str, tuple[str, ...]]] = []
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}  # one tuple for all that are equal
        self._erased: dict[tuple[str, str], int] = {}

    def take(self, entry: Entry) -> None:
        """:raises Refuted: something does not hold of this entry."""
        leaf = entry.leaf
        if leaf.get("workspace") != self._workspace:
            raise Refuted("the entry is of another workspace", entry.index)
        kind = entry.text("type")
        if self._chosen is not None:
            self._choose(entry, kind, self._chosen.get("intent"))
        if "commitments" in leaf or entry.opened:
            self._open(entry)
        if "seq" in leaf:
            self._number(entry)
        if kind == "task.answered":
            self._answer(entry)
        elif kind == "erasure.done":
            self._erase(entry)
        elif kind == "log.opened":
            self._earlier = entry.part("data").get("earlier") != 0
        elif kind in ("passkey.added", "passkey.removed"):
            data = entry.part("data")
            self._passkeys[str(data.get("credential_id"))] = data if kind[8:] == "added" else None

    def finish(self) -> None:
        """:raises Refuted: something does not hold of them all together."""
        if self._late is not None and not self._earlier:
            raise self._late
        for index, intent, person, names in self._waiting:
            for name in names:
                marks = [("intent", intent), ("person", person)]
                last = [self._erased.get((f"{kind} {name}", who), -1) for kind, who in marks]
                last += [self._erased.get((kind, who), -1) for kind, who in marks]
                if max(last) < index:
                    why = f"the value of {name} is missing, and no entry says that it was erased"
                    raise Refuted(why, index)

    def _choose(self, entry: Entry, kind: str, intent: str | None) -> None:
        """Nothing is left out of a part, but between its end and the erasures behind it."""
        if intent is not None:
            if entry.leaf.get("intent") != intent and kind not in ("passkey.added", "erasure.done"):
                raise Refuted(f"the bundle is of {intent}, and the entry is not", entry.index)
            return
        if self._gap is None and self._next not in (None, entry.index):
            self._gap = self._next
        if self._gap is not None and kind != "erasure.done":
            raise Refuted(f"it is missing before entry {entry.index}", self._gap)
        self._next = entry.index + 1

    def _open(self, entry: Entry) -> None:
        unopened = tuple(entry.unopened())
        self.counts["opened"] += len(entry.opened)
        self.counts["closed"] += len(unopened)
        if unopened and not self._free:
            names = self._names.setdefault(unopened, unopened)
            intent, person = entry.leaf.get("intent"), entry.part("data").get("person_id")
            self._waiting.append((entry.index, str(intent), str(person), names))

    def _erase(self, entry: Entry) -> None:
        """What was closed up to here may be missing."""
        data = entry.part("data")
        fields = data.get("fields") or [""]
        for kind, who in (("intent", entry.leaf.get("intent")), ("person", data.get("person_id"))):
            for field in fields if isinstance(fields, list) and who is not None else ():
                self._erased[f"{kind} {field}".strip(), str(who)] = entry.index

    def _number(self, entry: Entry) -> None:
        intent, number = entry.text("intent"), entry.leaf["seq"]
        last = self.numbered.get(intent)
        if type(number) is not int or number <= (last or 0):
            raise Refuted(f"event {number} of {intent} comes after event {last}", entry.index)
        if not self._free and number != (last or 0) + 1:
            missing = Refuted(f"event {number - 1} of {intent} is missing", entry.index)
            if last is not None or self._earlier is False:
                raise missing
            if self._complete:
                self._late = self._late or missing  # it may have begun before the log
        self.numbered[intent] = number

    def _answer(self, entry: Entry) -> None:
        data, digests = entry.part("data"), entry.part("digests")
        credential = data.get("credential", {})
        if not isinstance(credential, dict):
            raise Refuted("the answer's credential is no object", entry.index)
        self.counts["answers"] += 1
        if "answer" in digests and not _fits(entry, digests["answer"]):
            raise Refuted("the answer is not the one of its digest", entry.index)
        if "signature" in credential:
            self._signed(entry, data, digests, credential["signature"])
        elif credential.get("strength") == "signed":
            raise Refuted("the answer counts as signed, and no signature is there", entry.index)

    def _signed(
        self, entry: Entry, data: Mapping[str, Any], digests: Mapping[str, Any], signature: Any
    ) -> None:
        known = str(signature.get("credential_id") if isinstance(signature, dict) else None)
        passkey = self._passkeys.get(known)
        if passkey is None:
            if self._complete or known in self._passkeys:
                why = "the answer is signed with a passkey that nobody had by then"
                raise Refuted(why, entry.index)
            self.counts["unknown"] += 1
            return
        actor = entry.part("actor")
        if actor.get("kind") != "person" or actor.get("ref") != passkey.get("person_id"):
            raise Refuted("the answer is signed with somebody else's passkey", entry.index)
        try:
            said = statement(
                workspace=self._workspace,
                task=entry.text("task"),
                outcome=data.get("outcome", ""),
                answer=digests.get("answer", ""),
                view=digests.get("view", ""),
            )
        except Malformed as error:
            raise Refuted(f"the answer cannot be signed: {error}", entry.index) from None
        flaw = wrong(
            signature,
            said,
            public_key=str(passkey.get("public_key")),
            relying_party=str(passkey.get("relying_party")),
        )
        if flaw is not None:
            raise Refuted(f"the passkey's signature does not hold: {flaw}", entry.index)
        self.counts["signed"] += 1


def _fits(entry: Entry, digest: object) -> bool:
    """Whether the digest is of the values that are opened, where all are."""
    committed, choices = entry.part("commitments"), []
    for name in _ANSWER:
        if name in committed and name not in entry.opened:
            return True
        choices.append((entry.opened[name]["value"],) if name in committed else _EMPTY[name])
    outcome = written(entry.part("data").get("outcome")).decode()
    for comment, data, evidence in product(*choices):
        text = f'{{"comment":{comment},"data":{data},"evidence":{evidence},"outcome":{outcome}}}'
        if f"sha256:{sha256(text.encode()).hexdigest()}" == digest:
            return True
    return False
