"""Intents and steps."""

from __future__ import annotations

from dataclasses import asdict

from signoff.core import intent as core
from signoff.core.moments import rfc3339
from signoff.core.provenance import Custody, Provenance
from signoff.engine.ports import Step
from signoff.server import documents as d
from signoff.server.rendering.times import time


def intent(found: core.Intent, *, whole: bool) -> d.Intent:
    """The document of an intent.

    :param whole: with where it comes from and whose data it holds.
    """
    return d.Intent(
        id=found.id,
        workspace=found.workspace,
        type=found.type,
        title=found.title,
        agent=found.agent,
        status=found.status,
        waiting_reason=found.waiting_reason,
        seq=found.seq,
        handled=found.handled,
        payload=found.payload,
        result=found.result,
        ended_because=found.ended_because,
        on_behalf_of=found.on_behalf_of,
        deadline=time(found.deadline),
        provenance=_provenance(found.provenance) if whole else None,
        custody=_custody(found.custody) if whole else None,
        submitted_by=found.submitted_by.label,
        submitted_at=rfc3339(found.submitted_at),
        updated_at=rfc3339(found.updated_at),
    )


def _provenance(said: Provenance | None) -> d.Provenance | None:
    return None if said is None else d.Provenance(**asdict(said))


def _custody(said: Custody | None) -> d.Custody | None:
    return (
        None
        if said is None
        else d.Custody(**(asdict(said) | {"categories": list(said.categories)}))
    )


def step(recorded: Step) -> d.Step:
    return d.Step(
        name=recorded.name,
        kind=recorded.kind,
        seq=recorded.seq,
        at=rfc3339(recorded.at),
        output=recorded.output,
    )
