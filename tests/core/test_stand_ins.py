"""Absence and picks: who answers in whose place, and who is asked for having least to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from signoff.core import commands as c
from signoff.core.openings import stand_ins_for
from signoff.core.routing import Absence, Person
from signoff.core.words import PersonId, StandInReason
from signoff.errors import AlreadyAnswered, InvalidTask, NotEligible
from tests.core.story import AGENT, START, TASK, Story, answer, directory, person

BACK = START + timedelta(days=7)


def away(who: Person, substitute: str | None, *, until: datetime = BACK) -> Person:
    instead = PersonId(f"per_{substitute}") if substitute else None
    gone = Absence(start=START - timedelta(days=1), end=until, substitute=instead)
    return replace(who, absences=(gone,))


MIA = person("mia", "manager")
SUE = person("sue")
TOM = person("tom")
OTHER = person("oto", "manager")


def asking(*people: Person, who: str = "role:manager", **stage: object) -> Story:
    link = {"who": who, **stage}
    return Story(people=directory(*people)).asking(handled=True, chain=[link])


def standing_in(story: Story) -> list[tuple[str, str]]:
    return [(each.owner.label, each.deputy.label) for each in story.task.stand_ins]


@pytest.mark.parametrize("who", [MIA.email, "role:manager"])
def test_whoever_is_away_is_stood_in_for_and_stays_on_record(who: str) -> None:
    story = asking(away(MIA, "sue"), SUE, who=who)
    (given,) = story.task.stand_ins
    assert (given.owner, given.deputy) == (MIA.actor, SUE.actor)
    assert (given.why, given.until) == (StandInReason.ABSENT, BACK)
    story.answered("approved", by=SUE)
    decision = story.task.decision
    assert decision is not None
    assert decision.by == SUE.actor
    assert [(vote.by, vote.seat) for vote in story.task.votes] == [(SUE.actor, MIA.id)]


def test_whoever_is_stood_in_for_may_answer_all_the_same() -> None:
    story = asking(away(MIA, "sue"), SUE)
    story.answered("approved", by=MIA)
    assert story.task_state == "concluded"


def test_a_chain_of_people_who_are_away_is_followed_to_somebody_present() -> None:
    story = asking(away(MIA, "sue"), away(SUE, "tom"), TOM)
    assert standing_in(story) == [(MIA.email, TOM.email)]


@pytest.mark.parametrize(
    "people",
    [
        (away(MIA, None),),
        (away(MIA, "nobody"),),
        (away(MIA, "mia"),),
        (away(MIA, "sue"), away(SUE, "mia")),
        (away(MIA, "sue"), away(SUE, "tom"), away(TOM, "sue")),
        (away(MIA, "sue"), person("sue", disabled=True)),
    ],
    ids=["nobody named", "unknown", "herself", "cycle of two", "cycle behind her", "disabled"],
)
def test_where_nobody_is_left_whoever_is_away_is_asked_all_the_same(
    people: tuple[Person, ...],
) -> None:
    story = asking(*people)
    assert story.task.stand_ins == ()
    story.answered("approved", by=people[0])
    assert story.task_state == "concluded"


def test_the_search_for_somebody_present_goes_over_five_people() -> None:
    names = [f"p{n}" for n in range(7)]
    chain = [away(person(name), following) for name, following in pairwise(names)]
    assert asking(away(MIA, "p1"), *chain, person("p6")).task.stand_ins == ()
    assert standing_in(asking(away(MIA, "p2"), *chain, person("p6"))) == [
        (MIA.email, "p6@acme.test")
    ]


@pytest.mark.parametrize("excluded", ["sue@acme.test", "role:manager-of-mia"])
def test_nobody_who_is_excluded_stands_in(excluded: str) -> None:
    sue = person("sue", "manager-of-mia")
    story = asking(away(MIA, "sue"), sue, exclude=[excluded])
    assert story.task.stand_ins == ()
    story.refuses(answer("approved", sue), NotEligible)


def test_the_requester_never_stands_in_for_who_decides() -> None:
    story = Story(people=directory(away(MIA, "sue"), replace(SUE, aliases=("s.u@acme.test",))))
    story.asking(handled=True, assignee="role:manager", intent={"on_behalf_of": "S.U@acme.test"})
    assert story.task.stand_ins == ()
    refused = story.refuses(answer("approved", SUE), NotEligible)
    assert "requested this" in refused.message


def test_an_absence_counts_at_the_moment_of_asking() -> None:
    ended = away(MIA, "sue", until=START)
    assert asking(ended, SUE).task.stand_ins == ()
    ladder = [{"after": "1h", "do": "remind"}, {"after": "9h", "do": "fail"}]
    story = Story(people=directory(person("ann", "engineer"), away(MIA, "sue"), SUE))
    story.asking(handled=True, chain=["role:engineer", "role:manager"], ladder=ladder)
    assert story.task.stand_ins == ()
    story.answered("approved", by=person("ann", "engineer"))
    assert standing_in(story) == [(MIA.email, SUE.email)]


def test_one_seat_one_answer_and_one_person_one_seat() -> None:
    sue = person("sue", "manager")
    story = asking(away(MIA, "sue"), sue, OTHER, need=2)
    story.answered("approved", by=sue)
    assert [vote.seat for vote in story.task.votes] == [sue.id]
    story.refuses(answer("approved", sue), AlreadyAnswered)
    story.answered("approved", by=OTHER)
    assert story.task_state == "concluded"


def test_the_owner_s_answer_replaces_that_of_whoever_stands_in() -> None:
    story = asking(away(MIA, "sue"), SUE, OTHER, need=2, veto=False)
    story.answered("rejected", by=SUE)
    assert story.task_state == "concluded"
    story = asking(away(MIA, "sue"), SUE, OTHER, person("pia", "manager"), need=2, veto=False)
    story.answered("rejected", by=SUE)
    story.answered("approved", by=MIA)
    assert [(vote.by, vote.seat) for vote in story.task.votes] == [(MIA.actor, MIA.id)]
    refused = story.refuses(answer("rejected", SUE), AlreadyAnswered)
    assert refused.about == {"by": MIA.email, "for": MIA.email}


def test_quotas_look_at_whose_seat_it_is() -> None:
    ann = person("ann", "engineer")
    need = {"role:manager": 1, "role:engineer": 1}
    story = Story(people=directory(away(MIA, "sue"), SUE, ann))
    story.asking(handled=True, chain=[{"need": need}])
    story.answered("approved", by=SUE)
    story.answered("approved", by=ann)
    assert story.task_state == "concluded"


def test_a_deputy_whose_owner_was_demoted_has_no_seat_any_more() -> None:
    story = asking(away(MIA, "sue"), SUE, OTHER, need=2)
    story.answered("approved", by=SUE)
    story.people = directory(away(person("mia"), "sue"), SUE, OTHER, person("pia", "manager"))
    said = story.answered("approved", by=OTHER)
    assert said[0].body.type == "task.answer_voided"
    story.refuses(answer("approved", SUE), NotEligible)
    assert story.task_state == "open"


def test_a_stage_that_wants_others_bars_both_sides_of_a_seat() -> None:
    chain = ["role:manager", {"who": ["role:lawyer"], "distinct": True}]
    mia, sue = person("mia", "manager", "lawyer"), person("sue", "lawyer")
    story = Story(people=directory(away(mia, "sue"), sue, person("lea", "lawyer")))
    story.asking(handled=True, chain=chain)
    story.answered("approved", by=sue)
    story.refuses(answer("approved", mia), NotEligible)
    story.refuses(answer("approved", sue), NotEligible)
    story.answered("approved", by=person("lea", "lawyer"))
    assert story.task_state == "concluded"


def test_a_new_round_looks_for_who_is_away_anew() -> None:
    story = Story(people=directory(away(MIA, "sue", until=START + timedelta(hours=1)), SUE))
    story.asking(handled=True, assignee="role:manager", type="review", content="v", revisions=1)
    story.answered("changes_requested", by=SUE, comment="shorter")
    story.wait(hours=2).do(c.ReviseTask(actor=AGENT, task_id=TASK, content="v2"))
    assert story.task.stand_ins == ()
    story.refuses(answer("approved", SUE), NotEligible)


def test_whoever_comes_to_a_task_under_way_is_stood_in_for_once() -> None:
    story = asking(away(MIA, "sue"), SUE)
    came = away(OTHER, "tom")
    everybody = directory(away(MIA, "sue"), SUE, came, TOM)
    found = stand_ins_for(
        story.task, (MIA.selector, came.selector), everybody, now=story.now, barred=()
    )
    assert [(each.owner, each.deputy) for each in found] == [(OTHER.actor, TOM.actor)]


# Picks


def test_a_pick_asks_those_with_the_least_on_their_desk_by_name() -> None:
    people = [person(name, "manager") for name in ("ann", "ben", "cat", "dan")]
    loads = {"per_ann": 3, "per_ben": 1, "per_cat": 0, "per_dan": 1}
    story = Story(people=directory(*people, loads=loads))
    link = {"who": "role:manager", "need": 2, "pick": "least_loaded"}
    story.asking(handled=True, chain=[link])
    assert [s.label for s in story.task.asked.who] == ["cat@acme.test", "ben@acme.test"]
    story.refuses(answer("approved", people[0]), NotEligible)


def test_a_pick_prefers_who_is_there_and_never_takes_who_may_not() -> None:
    people = [
        away(person("ann", "manager"), "eve"),
        person("ben", "manager", disabled=True),
        person("cat", "manager"),
        person("dan", "manager"),
        person("eve"),
    ]
    story = Story(people=directory(*people, loads={"per_dan": 9}))
    link = {"who": "role:manager", "pick": "least_loaded", "exclude": "cat@acme.test"}
    story.asking(handled=True, chain=[link])
    assert [s.label for s in story.task.asked.who] == ["dan@acme.test"]
    assert story.task.stand_ins == ()


def test_a_pick_finds_people_for_every_quota() -> None:
    both = person("ann", "engineer", "manager")
    people = [both, person("ben", "engineer"), person("cat", "manager")]
    loads = {"per_ann": 0, "per_ben": 1, "per_cat": 2}
    story = Story(people=directory(*people, loads=loads))
    need = {"role:engineer": 1, "role:manager": 1}
    story.asking(handled=True, chain=[{"need": need, "pick": "least_loaded"}])
    assert [s.label for s in story.task.asked.who] == ["ann@acme.test", "ben@acme.test"]


def test_a_pick_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InvalidTask) as refused:
        asking(MIA, pick="round_robin")
    assert refused.value.errors[0].field == "task.chain.0.pick"
