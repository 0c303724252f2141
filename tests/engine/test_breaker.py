"""An endpoint that does not answer is left alone, for longer and longer, and tried now and then."""

from __future__ import annotations

from signoff.engine.breaker import ENOUGH, FIRST_SECONDS, LONGEST_SECONDS, Breaker


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_few_failures_are_nothing() -> None:
    breaker = Breaker(Time())
    for _ in range(ENOUGH - 1):
        breaker.failed("mail")
    assert breaker.lets("mail")


def test_after_enough_of_them_one_attempt_is_made_in_each_pause_and_pauses_grow() -> None:
    time = Time()
    breaker = Breaker(time)
    for _ in range(ENOUGH):
        breaker.failed("mail")
    pauses = []
    for _ in range(10):
        began = time.now
        assert not breaker.lets("mail")
        while not breaker.lets("mail"):
            time.now += 1
        assert not breaker.lets("mail"), "one attempt, not several"
        pauses.append(time.now - began)
        breaker.failed("mail")
    assert pauses[:3] == [FIRST_SECONDS, 2 * FIRST_SECONDS, 4 * FIRST_SECONDS]
    assert pauses[-1] == LONGEST_SECONDS


def test_an_answer_makes_up_for_everything_and_others_are_not_held_to_it() -> None:
    breaker = Breaker(Time())
    for _ in range(ENOUGH):
        breaker.failed("mail")
    assert breaker.lets("chat")
    breaker.worked("mail")
    assert breaker.lets("mail")
    breaker.failed("mail")
    assert breaker.lets("mail")
