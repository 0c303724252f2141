"""Asks a witness to cosign (C2SP tlog-witness): it has seen one history of this log, and no other.

A witness remembers the last checkpoint it has cosigned and wants the proof that this one continues
it. Where it remembers another size than we do it says which, and is asked once more.
"""

from __future__ import annotations

from pathlib import Path

from signoff.anchors.http import Reply, post, shown
from signoff.audit import note, policy
from signoff.audit.errors import Malformed, Refuted
from signoff.audit.policy import Policy
from signoff.audit.signatures import opened
from signoff.audit.witness import SIZE_TYPE, AddCheckpoint
from signoff.engine.log.anchoring import Point
from signoff.engine.log.cosigned import Enough
from signoff.errors import Broken, InvalidInput

_LARGEST = 64 * 1024
_MOST_DIGITS = 19


class WitnessAnchor:
    """One witness.

    :param vkey: its key, as the policy has it.
    :param url: its submission prefix.
    """

    kind = "witness"
    every_seconds: float | None = None

    def __init__(self, vkey: str, url: str) -> None:
        shown(url, setting="anchor_witnesses")
        self.name = note.parse_vkey(vkey).name
        self.vkey = vkey
        self._url = f"{url.rstrip('/')}/add-checkpoint"

    async def anchor(self, point: Point) -> str:
        """The evidence is its cosignature, the line that goes below the checkpoint as it is."""
        old = point.last.size if point.last else 0
        reply = await self._ask(point, old)
        if reply.status == 409:
            known = _size(reply)
            if known > point.size:
                raise Broken(
                    f"the witness has cosigned {known} entries and the log has {point.size}: "
                    "the log was rolled back"
                )
            reply = await self._ask(point, known)
            if reply.status == 409 and known == point.size == _size(reply):
                raise Broken(f"the witness has cosigned another history of {known} entries")
        if reply.status != 200:
            raise Broken(f"the witness answered with HTTP {reply.status}")
        return _cosigned(point.checkpoint, reply.body, self.vkey)

    async def _ask(self, point: Point, old: int) -> Reply:
        proof = tuple(await point.consistency(old)) if 0 < old < point.size else ()
        asked = AddCheckpoint(old=old, proof=proof, note=point.checkpoint)
        return await post(self._url, asked.encode(), media_type="text/plain", at_most=_LARGEST)


def witnesses(path: Path) -> list[WitnessAnchor]:
    """The witnesses of a policy file that can be asked.

    :raises InvalidInput: it is no policy, or none of its witnesses has a URL.
    """
    reachable = [WitnessAnchor(each.vkey, each.url) for each in _policy(path).witnesses if each.url]
    if not reachable:
        raise _unusable(f"no witness in {path} has a URL")
    return reachable


def quorum(path: Path) -> Enough:
    """Whether a note has the cosignatures that a policy file asks for.

    :raises InvalidInput: it is no policy.
    """
    found = _policy(path)
    vkeys = [each.vkey for each in found.witnesses]

    def enough(note: str) -> bool:
        try:
            return found.satisfied({signed.key.vkey for signed in opened(note, vkeys)})
        except (Malformed, Refuted):
            return False

    return enough


def _policy(path: Path) -> Policy:
    try:
        return policy.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, Malformed) as error:
        raise _unusable(f"{path} is no policy file that can be read: {error}") from None


def _size(reply: Reply) -> int:
    text = reply.body.decode(errors="replace").removesuffix("\n")
    if reply.media_type != SIZE_TYPE or not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise Broken("the witness does not say which size it knows")
    return int(text)


def _cosigned(checkpoint: str, body: bytes, vkey: str) -> str:
    """The line of the witness' own key; whatever else came back is left behind."""
    try:
        lines = [f"{line}\n" for line in body.decode().split("\n") if line]
    except UnicodeDecodeError:
        raise Broken("the witness answered with no signature lines") from None
    good = next((line for line in lines if _is_cosignature(checkpoint, line, vkey)), None)
    if good is None:
        raise Broken("the witness answered without a good cosignature of the key in the policy")
    return good


def _is_cosignature(checkpoint: str, line: str, vkey: str) -> bool:
    try:
        return bool(note.opened(checkpoint + line, [vkey]))
    except (Malformed, Refuted):
        return False


def _unusable(why: str) -> InvalidInput:
    return InvalidInput.at("anchor_witnesses", f"SIGNOFF_ANCHOR_WITNESSES cannot be used: {why}")
