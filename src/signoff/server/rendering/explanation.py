"""Why a task stands where it stands."""

from __future__ import annotations

from signoff.core.explaining import Explanation, MayAnswer, StageExplained
from signoff.core.moments import rfc3339
from signoff.core.timetable import Entry
from signoff.server import documents as d
from signoff.server.rendering.tasks import answer, quorum
from signoff.server.rendering.times import time


def explanation(found: Explanation) -> d.Explanation:
    return d.Explanation(
        task_id=found.task_id,
        at=rfc3339(found.at),
        state=found.state,
        stage=found.stage,
        chain=[_stage(each) for each in found.chain],
        may_answer=[_may_answer(each) for each in found.may_answer],
        may_not=[d.MayNot(person=each.person.label, why=each.why) for each in found.may_not],
        quorum=quorum(found.quorum),
        ladder=[_rung(each) for each in found.ladder],
        notes=list(found.notes),
    )


def _stage(each: StageExplained) -> d.ExplainedStage:
    return d.ExplainedStage(
        stage=each.stage,
        who=list(each.who),
        need=each.need,
        applies=each.applies,
        when=each.when,
        state=each.state,
        answers=[answer(vote) for vote in each.answers],
    )


def _may_answer(each: MayAnswer) -> d.MayAnswer:
    return d.MayAnswer(
        person=each.person.label,
        why=each.why,
        for_=each.instead_of.label if each.instead_of else None,
        until=time(each.until),
    )


def _rung(entry: Entry) -> d.ExplainedRung:
    return d.ExplainedRung(
        at=rfc3339(entry.at),
        do=entry.do,
        to=list(entry.to),
        text=entry.text,
        why=list(entry.why),
        state=entry.state,
    )
