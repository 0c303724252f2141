"""The SDK's documents have the fields of the server's, by the same names."""

from __future__ import annotations

import msgspec
import pytest

from signoff.client import documents as ours
from signoff.server import documents as theirs

PAIRS = [
    (ours.TaskDocument, theirs.Task),
    (ours.IntentDocument, theirs.Intent),
    (ours.ProvenanceDocument, theirs.Provenance),
    (ours.CustodyDocument, theirs.Custody),
    (ours.EventDocument, theirs.Event),
    (ours.StepDocument, theirs.Step),
    (ours.DecisionDocument, theirs.Decision),
    (ours.StageDocument, theirs.Stage),
    (ours.RoundDocument, theirs.Round),
    (ours.QuotaDocument, theirs.Quota),
    (ours.QuorumDocument, theirs.Quorum),
    (ours.AnswerDocument, theirs.AnswerGiven),
    (ours.StandInDocument, theirs.StandIn),
    (ours.FiringDocument, theirs.Firing),
    (ours.CommentDocument, theirs.Comment),
    (ours.ExplanationDocument, theirs.Explanation),
    (ours.ExplainedStageDocument, theirs.ExplainedStage),
    (ours.ExplainedRungDocument, theirs.ExplainedRung),
    (ours.MayAnswerDocument, theirs.MayAnswer),
    (ours.MayNotDocument, theirs.MayNot),
    (ours.Me, theirs.Me),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_both_have_the_same_fields(one: type, other: type[msgspec.Struct]) -> None:
    assert set(one.__annotations__) == {
        field.encode_name for field in msgspec.structs.fields(other)
    }
