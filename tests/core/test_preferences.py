"""Over which channels somebody is told, and when."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.core.plan import NoticeReason
from signoff.core.preferences import (
    CHOSEN,
    Channel,
    Digest,
    News,
    Preferences,
    QuietHours,
    Route,
    fallback,
    routes,
)
from signoff.core.words import Risk

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # 12:00 in Berlin
EVERYTHING = frozenset(Channel) - {Channel.INBOX}
OPENED = News(reason=NoticeReason.OPENED, risk=Risk.MEDIUM)
NIGHT = QuietHours(start=time(22, 0), end=time(7, 0))


def _sent(
    chosen: Preferences,
    news: News = OPENED,
    *,
    reach: frozenset[Channel] = EVERYTHING - {Channel.PUSH},
    now: datetime = NOON,
) -> tuple[Route, ...]:
    return routes(chosen, news, reach=reach, now=now, zone=BERLIN)


def test_who_has_chosen_nothing_is_told_at_once_over_the_first_channel_that_reaches_them() -> None:
    assert _sent(Preferences()) == (Route(channel=Channel.SLACK, due_at=NOON),)
    only_mail = frozenset({Channel.EMAIL})
    assert _sent(Preferences(), reach=only_mail) == (Route(channel=Channel.EMAIL, due_at=NOON),)
    assert _sent(Preferences(), reach=frozenset()) == ()


def test_a_browser_rings_beside_whatever_else_is_chosen() -> None:
    found = _sent(Preferences(channels=(Channel.EMAIL,)), reach=EVERYTHING)
    assert [each.channel for each in found] == [Channel.PUSH, Channel.EMAIL]


def test_everywhere_is_all_that_are_chosen_in_their_order() -> None:
    chosen = Preferences(channels=(Channel.EMAIL, Channel.SLACK), everywhere=True)
    assert [each.channel for each in _sent(chosen)] == [Channel.EMAIL, Channel.SLACK]


def test_what_is_muted_is_told_in_the_inbox_alone() -> None:
    chosen = Preferences(muted=(NoticeReason.COMMENTED,))
    commented = News(reason=NoticeReason.COMMENTED, risk=Risk.HIGH)
    assert _sent(chosen, commented) == ()
    assert len(_sent(chosen)) == 1


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 11, 25, 20, 59, tzinfo=UTC), datetime(2026, 11, 25, 20, 59, tzinfo=UTC)),
        (datetime(2026, 11, 25, 21, 0, tzinfo=UTC), datetime(2026, 11, 26, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 26, 5, 59, tzinfo=UTC), datetime(2026, 11, 26, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 26, 6, 0, tzinfo=UTC), datetime(2026, 11, 26, 6, 0, tzinfo=UTC)),
    ],
)
def test_quiet_hours_go_over_midnight_by_the_wall_clock(now: datetime, due: datetime) -> None:
    (found,) = _sent(Preferences(quiet=NIGHT), now=now)
    assert found.due_at == due


def test_quiet_hours_within_a_day() -> None:
    siesta = QuietHours(start=time(12, 0), end=time(14, 0))
    (found,) = _sent(Preferences(quiet=siesta))
    assert found.due_at == NOON + timedelta(hours=2)
    (early,) = _sent(Preferences(quiet=siesta), now=NOON - timedelta(minutes=1))
    assert early.due_at == NOON - timedelta(minutes=1)


@pytest.mark.parametrize(
    "news",
    [
        News(reason=NoticeReason.OPENED, risk=Risk.HIGH),
        News(reason=NoticeReason.ESCALATED, risk=Risk.LOW),
        News(reason=NoticeReason.REMINDED, risk=Risk.LOW),
    ],
)
def test_what_is_urgent_rings_at_night_and_joins_no_digest_unless_it_is_not_to(news: News) -> None:
    midnight = datetime(2026, 11, 25, 23, 0, tzinfo=UTC)
    chosen = Preferences(quiet=NIGHT, digest=Digest.DAILY)
    assert _sent(chosen, news, now=midnight)[0] == Route(channel=Channel.SLACK, due_at=midnight)

    silent = Preferences(quiet=QuietHours(start=time(22), end=time(7), urgent=False))
    assert _sent(silent, news, now=midnight)[0].due_at == datetime(2026, 11, 26, 6, 0, tzinfo=UTC)


def test_nothing_waits_for_a_morning_after_the_task_has_closed() -> None:
    midnight = datetime(2026, 11, 25, 23, 0, tzinfo=UTC)
    chosen = Preferences(quiet=NIGHT, digest=Digest.DAILY)
    soon = News(reason=NoticeReason.OPENED, risk=Risk.LOW, closes=midnight + timedelta(hours=2))
    assert _sent(chosen, soon, now=midnight)[0] == Route(channel=Channel.SLACK, due_at=midnight)


def test_a_daily_digest_comes_at_its_time_and_the_day_after_once_that_is_past() -> None:
    chosen = Preferences(digest=Digest.DAILY, digest_at=time(15, 30))
    (found,) = _sent(chosen)
    assert found == Route(
        channel=Channel.SLACK, due_at=datetime(2026, 11, 25, 14, 30, tzinfo=UTC), digest=True
    )
    (later,) = _sent(chosen, now=found.due_at)
    assert later.due_at == found.due_at + timedelta(days=1)


def test_an_hourly_digest_comes_with_the_full_hour_of_the_wall_clock() -> None:
    (found,) = _sent(Preferences(digest=Digest.HOURLY), now=NOON + timedelta(minutes=5))
    assert found.due_at == NOON + timedelta(hours=1)
    assert found.digest


def test_a_digest_that_would_come_at_night_waits_for_the_morning() -> None:
    late = datetime(2026, 11, 25, 21, 10, tzinfo=UTC)
    (found,) = _sent(Preferences(digest=Digest.HOURLY, quiet=NIGHT), now=late)
    assert found.due_at == datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
    assert found.digest


def test_a_wall_clock_that_a_change_leaves_out_still_comes() -> None:
    spring = datetime(2027, 3, 27, 23, 0, tzinfo=UTC)  # 00:00 on the day of the change
    (found,) = _sent(Preferences(digest=Digest.DAILY, digest_at=time(2, 30)), now=spring)
    assert found.due_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_where_a_channel_fails_the_next_one_is_tried_and_none_after_the_last() -> None:
    assert fallback(Preferences(), Channel.SLACK, reach=EVERYTHING) is Channel.EMAIL
    assert fallback(Preferences(), Channel.EMAIL, reach=EVERYTHING) is Channel.CHAT
    assert fallback(Preferences(), Channel.CHAT, reach=EVERYTHING) is None
    turned = Preferences(channels=(Channel.EMAIL, Channel.SLACK))
    assert fallback(turned, Channel.EMAIL, reach=EVERYTHING) is Channel.SLACK


def test_where_all_are_told_at_once_none_is_left_to_try() -> None:
    assert fallback(Preferences(everywhere=True), Channel.SLACK, reach=EVERYTHING) is None
    assert fallback(Preferences(), Channel.PUSH, reach=EVERYTHING) is None


def test_a_channel_chosen_no_more_falls_back_to_the_first_that_is() -> None:
    turned = Preferences(channels=(Channel.EMAIL,))
    assert fallback(turned, Channel.SLACK, reach=EVERYTHING) is Channel.EMAIL


_times = st.times().map(lambda clock: clock.replace(microsecond=0, tzinfo=None))
_chosen = st.builds(
    Preferences,
    channels=st.none() | st.lists(st.sampled_from(CHOSEN), unique=True).map(tuple),
    everywhere=st.booleans(),
    quiet=st.none() | st.builds(QuietHours, start=_times, end=_times, urgent=st.booleans()),
    digest=st.sampled_from(Digest),
    digest_at=_times,
)


@given(
    chosen=_chosen,
    reason=st.sampled_from(NoticeReason),
    risk=st.sampled_from(Risk),
    reach=st.frozensets(st.sampled_from(sorted(EVERYTHING))),
    minutes=st.integers(0, 400 * 24 * 60),
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia"]),
)
def test_nobody_is_told_before_it_happens_twice_or_more_than_two_days_late(
    chosen: Preferences,
    reason: NoticeReason,
    risk: Risk,
    reach: frozenset[Channel],
    minutes: int,
    zone: str,
) -> None:
    now = NOON + timedelta(minutes=minutes)
    news = News(reason=reason, risk=risk)
    found = routes(chosen, news, reach=reach, now=now, zone=ZoneInfo(zone))

    channels = [each.channel for each in found]
    assert len(channels) == len(set(channels))
    assert set(channels) <= reach
    wanted = reach & set(CHOSEN if chosen.channels is None else chosen.channels)
    assert bool(set(channels) - {Channel.PUSH}) == bool(wanted)
    assert all(now <= each.due_at <= now + timedelta(hours=50) for each in found)
