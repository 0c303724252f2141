"""Which answers a channel can take without a form. Pure."""

from __future__ import annotations

from signoff.core.judging import favourable
from signoff.core.task import Ask
from signoff.core.tasks import KINDS
from signoff.core.words import Demand, TaskType

_WITHOUT_FORM = (TaskType.APPROVAL, TaskType.REVIEW, TaskType.CONFIRMATION)


def needs_form(ask: Ask, outcome: str) -> bool:
    """Whether this answer takes more than its one word."""
    if outcome in KINDS[ask.type].NEEDS_COMMENT or ask.comment is Demand.REQUIRED:
        return True
    if not favourable(ask, outcome):
        return False
    phrase = ask.type is TaskType.CONFIRMATION and ask.spec.get("phrase")
    evidence = ask.evidence is Demand.REQUIRED
    return bool(ask.type not in _WITHOUT_FORM or ask.schema or phrase or evidence)


def plain_outcomes(ask: Ask) -> tuple[str, ...]:
    """The outcomes that are answered with their one word."""
    return tuple(outcome for outcome in ask.outcomes if not needs_form(ask, outcome))
