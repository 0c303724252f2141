"""Every outcome of every task type has a verb, and no verb says an outcome nobody knows."""

from signoff.cli.tasks.verbs import VERBS
from signoff.core.tasks import KINDS


def test_every_outcome_has_exactly_one_verb() -> None:
    outcomes = {outcome for kind in KINDS.values() for outcome in kind.OUTCOMES}

    assert sorted(verb.outcome for verb in VERBS) == sorted(outcomes)
    assert len({verb.name for verb in VERBS}) == len(VERBS)
