"""Working time and calendar days: the hard days of the year, as tables, in many zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signoff.core.calendar import Calendar, Calendars, Hours, add_days, add_months, hours_of
from signoff.core.durations import LONGEST, elapsed, parse_duration
from signoff.core.scheduling import reckon
from signoff.core.workingtime import add_business_days, add_working, ever_open, working_between
from tests.core.calendars import at, calendar

HOUR = timedelta(hours=1)
BERLIN = (calendar(),)

GAPS = [
    # zone, a time that the clocks skip, and the same moved forward by the gap
    ("Europe/Berlin", "2025-03-30 02:30", "2025-03-30 03:30+02:00", 1),
    ("Europe/London", "2025-03-30 01:30", "2025-03-30 02:30+01:00", 1),
    ("America/New_York", "2025-03-09 02:30", "2025-03-09 03:30-04:00", 1),
    ("America/Los_Angeles", "2025-03-09 02:30", "2025-03-09 03:30-07:00", 1),
    ("America/Sao_Paulo", "2018-11-04 00:30", "2018-11-04 01:30-02:00", 1),
    ("Australia/Lord_Howe", "2025-10-05 02:15", "2025-10-05 02:45+11:00", 0.5),
    ("Africa/Cairo", "2024-04-26 00:30", "2024-04-26 01:30+03:00", 1),
    ("Asia/Beirut", "2025-03-30 00:30", "2025-03-30 01:30+03:00", 1),
    ("America/Santiago", "2025-09-07 00:30", "2025-09-07 01:30-03:00", 1),
    ("Pacific/Auckland", "2025-09-28 02:30", "2025-09-28 03:30+13:00", 1),
    ("Australia/Sydney", "2025-10-05 02:30", "2025-10-05 03:30+11:00", 1),
    ("Atlantic/Azores", "2025-03-30 00:30", "2025-03-30 01:30+00:00", 1),
    ("Africa/Casablanca", "2025-04-06 02:30", "2025-04-06 03:30+01:00", 1),
]
FOLDS = [
    # zone, a time that the clocks show twice, and the first of the two
    ("Europe/Berlin", "2025-10-26 02:30", "2025-10-26 02:30+02:00", 1),
    ("Europe/London", "2025-10-26 01:30", "2025-10-26 01:30+01:00", 1),
    ("America/New_York", "2025-11-02 01:30", "2025-11-02 01:30-04:00", 1),
    ("America/Los_Angeles", "2025-11-02 01:30", "2025-11-02 01:30-07:00", 1),
    ("America/Sao_Paulo", "2018-02-17 23:30", "2018-02-17 23:30-02:00", 1),
    ("Australia/Lord_Howe", "2025-04-06 01:45", "2025-04-06 01:45+11:00", 0.5),
    ("Africa/Cairo", "2024-10-31 23:30", "2024-10-31 23:30+03:00", 1),
    ("Asia/Beirut", "2025-10-25 23:30", "2025-10-25 23:30+03:00", 1),
    ("America/Santiago", "2025-04-05 23:30", "2025-04-05 23:30-03:00", 1),
    ("Pacific/Auckland", "2025-04-06 02:30", "2025-04-06 02:30+13:00", 1),
    ("Australia/Sydney", "2025-04-06 02:30", "2025-04-06 02:30+11:00", 1),
    ("Atlantic/Azores", "2025-10-26 00:30", "2025-10-26 00:30+00:00", 1),
    ("Africa/Casablanca", "2025-02-23 02:30", "2025-02-23 02:30+01:00", 1),
]


def day_before(wall: str, zone: str) -> datetime:
    local = datetime.fromisoformat(wall) - timedelta(days=1)
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(("zone", "wall", "moved", "gap"), GAPS)
def test_a_calendar_day_that_ends_in_a_gap_moves_forward_by_the_gap(
    zone: str, wall: str, moved: str, gap: float
) -> None:
    assert add_days(day_before(wall, zone), 1, zone) == at(moved)


@pytest.mark.parametrize(("zone", "wall", "first", "fold"), FOLDS)
def test_a_calendar_day_that_ends_in_a_fold_ends_with_the_first_of_the_two(
    zone: str, wall: str, first: str, fold: float
) -> None:
    assert add_days(day_before(wall, zone), 1, zone) == at(first)


@pytest.mark.parametrize(("zone", "wall", "_", "gap"), GAPS)
def test_the_day_of_a_gap_is_shorter_than_24_hours_of_elapsed_time(
    zone: str, wall: str, _: str, gap: float
) -> None:
    noon = day_before(wall[:10] + " 12:00", zone)
    day = add_days(noon, 1, zone)
    assert day == at(wall[:10] + " 12:00", zone)
    assert reckon(noon, elapsed(24 * HOUR), (), zone) - day == gap * HOUR


@pytest.mark.parametrize(("zone", "wall", "_", "fold"), FOLDS)
def test_the_day_of_a_fold_is_longer_than_24_hours_of_elapsed_time(
    zone: str, wall: str, _: str, fold: float
) -> None:
    # From noon of the day of the fold, or of the day before, whichever the fold lies after.
    noon = at(wall[:10] + " 12:00", zone) - (24 * HOUR if wall[11:13] < "12" else 0 * HOUR)
    noon = at(noon.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d 12:00"), zone)
    day = add_days(noon, 1, zone)
    assert day - reckon(noon, elapsed(24 * HOUR), (), zone) == fold * HOUR


@pytest.mark.parametrize(
    ("zone", "wall", "_", "change"),
    [*GAPS, *((zone, wall, first, -fold) for zone, wall, first, fold in FOLDS)],
)
def test_a_night_shift_is_as_long_as_it_is_and_not_as_the_clocks_say(
    zone: str, wall: str, _: str, change: float
) -> None:
    night = (calendar(zone, "Mon-Sun 18:00-06:00"),)
    evening = date.fromisoformat(wall[:10]) - timedelta(days=wall[11:13] < "12")
    start, end = at(f"{evening} 18:00", zone), at(f"{evening + timedelta(days=1)} 06:00", zone)
    worked = (12 - change) * HOUR
    assert end - start == worked
    assert working_between(start, end, night) == worked
    assert add_working(start, worked, night) == end
    following = at(f"{evening + timedelta(days=1)} 18:00", zone)
    twelve = end - change * HOUR if change < 0 else following + change * HOUR
    assert add_working(start, 12 * HOUR, night) == (end + change * HOUR if change < 0 else twelve)


@pytest.mark.parametrize(
    ("hours", "day", "start", "end"),
    [
        # an edge in a gap moves forward by the gap
        ("Mon-Sun 02:30-06:00", "2025-03-30", "03:30+02:00", "06:00+02:00"),
        ("Mon-Sun 00:00-02:30", "2025-03-30", "00:00+01:00", "03:30+02:00"),
        # of a time that comes twice a shift begins with the first and ends with the second
        ("Mon-Sun 02:30-06:00", "2025-10-26", "02:30+02:00", "06:00+01:00"),
        ("Mon-Sun 00:00-02:30", "2025-10-26", "00:00+02:00", "02:30+01:00"),
    ],
)
def test_the_edges_of_a_shift_on_the_night_the_clocks_change(
    hours: str, day: str, start: str, end: str
) -> None:
    calendars = (calendar("Europe/Berlin", hours),)
    begins, ends = at(f"{day} {start}"), at(f"{day} {end}")
    assert add_working(begins - 30 * timedelta(minutes=1), 0 * HOUR, calendars) == begins
    assert add_working(begins, ends - begins, calendars) == ends
    assert working_between(begins - HOUR / 2, ends + HOUR / 2, calendars) == ends - begins


def test_a_shift_that_a_gap_swallows_is_not_worked() -> None:
    calendars = (calendar("Europe/Berlin", "Mon-Sun 02:00-03:00"),)
    gap_day = at("2025-03-30 00:00", "Europe/Berlin")
    assert working_between(gap_day, gap_day + 23 * HOUR, calendars) == timedelta(0)
    assert add_business_days(gap_day - HOUR, 1, calendars) == at(
        "2025-03-31 03:00", "Europe/Berlin"
    )


def test_a_whole_day_that_an_island_skipped_is_not_worked_twice() -> None:
    # Samoa went over the date line at the end of 29 December 2011: there was no 30th.
    calendars = (calendar("Pacific/Apia", "Mon-Sun 09:00-17:00"),)
    start = at("2011-12-29 09:00", "Pacific/Apia")
    assert working_between(start, start + 72 * HOUR, calendars) == 24 * HOUR


E8 = "8 working hours"


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-03-06 17:00", E8, "2026-03-09 16:30"),  # Friday, half an hour before it closes
        ("2026-03-06 09:00", E8, "2026-03-06 17:00"),
        ("2026-03-06 09:30", E8, "2026-03-06 17:30"),  # to the minute of closing, not the opening
        ("2026-03-06 09:31", E8, "2026-03-09 09:01"),
        ("2026-03-04 03:00", E8, "2026-03-04 17:00"),  # asked in the night
        ("2026-03-07 12:00", E8, "2026-03-09 17:00"),  # asked on a Saturday
        ("2026-03-04 17:30", "30 working minutes", "2026-03-05 09:30"),
        ("2026-12-23 17:00", "1 working hour", "2026-12-24 09:30"),
        ("2026-12-24 11:30", "1 working hour", "2026-12-28 09:30"),  # half a day, then Christmas
        ("2026-12-31 17:00", E8, "2027-01-04 16:30"),  # over the end of the year
        ("2026-05-13 17:00", E8, "2026-05-15 16:30"),  # Ascension Day is a Thursday
        ("2026-01-01 12:00", E8, "2026-01-02 17:00"),  # asked inside a day that is closed
        ("2024-02-28 17:00", "17 working hours", "2024-03-01 17:00"),  # leap day is a Thursday
    ],
)
def test_working_hours_in_berlin(start: str, span: str, end: str) -> None:
    days = {"2026-12-24": "09:00-12:00"}
    calendars = (calendar(holidays="DE-BE", days=days),)
    duration = parse_duration(span, field="after")
    found = reckon(at(start, "Europe/Berlin"), duration, calendars, "UTC")
    assert found == at(end, "Europe/Berlin")


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        ("2026-03-06 11:00", 1, "2026-03-09 11:00"),
        ("2026-03-06 11:00", 2, "2026-03-10 11:00"),
        ("2026-03-07 11:00", 1, "2026-03-09 11:00"),
        ("2026-03-06 20:00", 1, "2026-03-09 17:30"),  # moved into that day's hours
        ("2026-03-06 05:00", 1, "2026-03-09 09:00"),
        ("2026-12-23 16:00", 1, "2026-12-24 12:00"),  # a day of half the hours
        ("2026-12-23 16:00", 2, "2026-12-28 16:00"),
        ("2026-12-30 16:00", 2, "2027-01-04 16:00"),
        ("2026-12-24 10:00", 5, "2027-01-04 10:00"),
        ("2024-02-28 10:00", 2, "2024-03-01 10:00"),
    ],
)
def test_business_days_in_berlin(start: str, number: int, end: str) -> None:
    calendars = (calendar(holidays="DE-BE", days={"2026-12-24": "09:00-12:00"}),)
    found = add_business_days(at(start, "Europe/Berlin"), number, calendars)
    assert found == at(end, "Europe/Berlin")


def test_in_new_york_a_holiday_on_a_saturday_is_observed_the_day_before() -> None:
    calendars = (calendar("America/New_York", holidays="US-NY"),)
    thursday = at("2027-12-30 17:00", "America/New_York")  # 1 January 2028 is a Saturday
    assert add_business_days(thursday, 1, calendars) == at("2028-01-03 17:00", "America/New_York")


def test_of_a_night_shift_the_business_day_is_the_one_it_began_on() -> None:
    calendars = (calendar("Europe/Berlin", "Mon-Fri 22:00-06:00"),)
    tuesday_night = at("2026-03-04 02:00", "Europe/Berlin")
    assert add_business_days(tuesday_night, 1, calendars) == tuesday_night + 24 * HOUR
    friday_night = at("2026-03-07 02:00", "Europe/Berlin")
    assert add_business_days(friday_night, 1, calendars) == at("2026-03-10 02:00", "Europe/Berlin")
    assert add_working(friday_night, 6 * HOUR, calendars) == at("2026-03-10 00:00", "Europe/Berlin")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-02-29 10:00", 1, "2024-03-29 10:00"),
        ("2024-02-29 10:00", 12, "2025-02-28 10:00"),
        ("2024-02-29 10:00", 48, "2028-02-29 10:00"),
        ("2026-01-31 10:00", 1, "2026-02-28 10:00"),
        ("2026-10-31 23:00", 4, "2027-02-28 23:00"),
        ("2026-02-28 10:00", 1, "2026-03-28 10:00"),
        ("2025-02-28 02:30", 1, "2025-03-28 02:30"),
        ("2025-01-30 02:30", 2, "2025-03-30 03:30"),  # a month that ends in a gap
    ],
)
def test_a_month_is_the_same_day_of_the_next_or_its_last(start: str, months: int, end: str) -> None:
    found = add_months(at(start, "Europe/Berlin"), months, "Europe/Berlin")
    assert found == at(end, "Europe/Berlin")


# Several calendars


def test_time_counts_only_while_all_are_open() -> None:
    both = (calendar("Europe/Berlin"), calendar("America/New_York"))
    monday = at("2026-03-02 09:00", "Europe/Berlin")
    # 15:00 to 17:30 in Berlin is 9:00 to 11:30 in New York, and a week later, when only New York
    # has put its clocks forward, it begins at 14:00.
    assert add_working(monday, 0 * HOUR, both) == at("2026-03-02 15:00", "Europe/Berlin")
    assert add_working(monday, 5 * HOUR, both) == at("2026-03-03 17:30", "Europe/Berlin")
    later = at("2026-03-09 09:00", "Europe/Berlin")
    assert add_working(later, 0 * HOUR, both) == at("2026-03-09 14:00", "Europe/Berlin")


def test_calendars_that_never_overlap_are_never_open() -> None:
    assert ever_open((calendar("Europe/Berlin"), calendar("America/New_York")))
    west = calendar("America/Los_Angeles", "Mon-Fri 09:00-17:00")
    assert not ever_open((calendar("Europe/Berlin", "Mon-Fri 09:00-17:00"), west))
    assert not ever_open((calendar("Asia/Tokyo"), calendar("America/New_York")))
    assert not ever_open((calendar(hours="Mon 09:00-10:00"), calendar(hours="Tue 09:00-10:00")))


def test_calendars_that_overlap_only_while_one_zone_has_changed_its_clocks_do_overlap() -> None:
    both = (calendar("Europe/Berlin"), calendar("America/Los_Angeles"))
    assert ever_open(both)
    # From 8 to 29 March 2026 Los Angeles is 8 hours behind instead of 9.
    start = at("2026-01-05 12:00")
    assert add_working(start, 0 * HOUR, both) == at("2026-03-09 17:00", "Europe/Berlin")


def test_a_calendar_of_single_days_is_open_on_these_alone() -> None:
    weekend = calendar(hours="Sat-Sun 10:00-12:00")
    monday = calendar(hours="Mon 10:00-12:00", days={"2031-05-03": "09:00-11:00"})
    assert ever_open((weekend, monday))
    start = at("2031-01-01 00:00")
    assert add_working(start, HOUR, (weekend, monday)) == at("2031-05-03 11:00", "Europe/Berlin")


def test_working_time_that_does_not_come_up_is_over_after_ten_years() -> None:
    once = (calendar(hours="Mon closed", days={"2026-12-24": "09:00-12:00"}),)
    start = at("2026-03-02 09:00")
    assert add_working(start, 3 * HOUR, once) == at("2026-12-24 12:00", "Europe/Berlin")
    assert add_working(start, 4 * HOUR, once) == start + LONGEST
    assert add_business_days(start, 2, once) == start + LONGEST
    assert add_working(start, timedelta(days=3650), BERLIN) == start + LONGEST


# What must always hold

SHAPES = st.sampled_from(
    [
        (calendar(holidays="DE-BE", days={"2025-12-24": "09:00-12:00"}),),
        (calendar("America/New_York", "Mon-Fri 09:00-12:00 13:00-17:00", "US-NY"),),
        (calendar("Australia/Lord_Howe", "Mon-Sun 22:00-06:00"),),
        (calendar("Asia/Beirut", "Mon-Sun 00:00-24:00"),),
        (calendar("America/Santiago", "Sat 23:30-02:00, Sun 00:00-08:00"),),
        (calendar("Europe/Berlin"), calendar("Europe/Lisbon", "Mon-Thu 08:00-16:00")),
    ]
)
MOMENTS = st.integers(0, 4 * 365 * 86400 * 10**6).map(
    lambda micros: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
SPANS = st.timedeltas(timedelta(0), timedelta(hours=400))


@given(SHAPES, MOMENTS, SPANS)
@settings(deadline=None, max_examples=400)
def test_adding_and_counting_are_inverse(
    calendars: Calendars, start: datetime, span: timedelta
) -> None:
    end = add_working(start, span, calendars)
    assert end >= start
    assert working_between(start, end, calendars) == span


@given(SHAPES, MOMENTS, SPANS, SPANS)
@settings(deadline=None, max_examples=200)
def test_adding_in_two_steps_is_adding_at_once(
    calendars: Calendars, start: datetime, one: timedelta, two: timedelta
) -> None:
    twice = add_working(add_working(start, one, calendars), two, calendars)
    once = add_working(start, one + two, calendars)
    assert working_between(once, twice, calendars) == timedelta(0)
    if two:
        assert twice == once


@given(SHAPES, MOMENTS, MOMENTS, SPANS)
@settings(deadline=None, max_examples=200)
def test_asked_later_it_is_never_over_earlier(
    calendars: Calendars, one: datetime, two: datetime, span: timedelta
) -> None:
    first, second = sorted((one, two))
    assert add_working(first, span, calendars) <= add_working(second, span, calendars)


@given(SHAPES, MOMENTS, st.integers(1, 30))
@settings(deadline=None, max_examples=200)
def test_whatever_is_counted_in_working_time_ends_in_working_time(
    calendars: Calendars, start: datetime, number: int
) -> None:
    for end in (
        add_working(start, number * HOUR, calendars),
        add_business_days(start, number, calendars),
    ):
        moment = timedelta(microseconds=1)
        around = working_between(end - moment, end + moment, calendars)
        assert around > timedelta(0)


# Against a slow reference that knows nothing but the clock on the wall

EDGES = [f"{hour:02}:{minute:02}" for hour in range(5, 23) for minute in (0, 17, 30)]
ZONES = [zone for zone, *_ in GAPS]


PATIENCE = timedelta(days=21)


def by_the_minute(start: datetime, minutes: int, calendars: Calendars) -> datetime:
    """Go minute by minute, look at the clocks, and count those at which everybody is at work."""
    moment = start
    while minutes and moment < start + PATIENCE:
        if all(at_work(moment, each) for each in calendars):
            minutes -= 1
        moment += timedelta(minutes=1)
    return moment


def at_work(moment: datetime, each: Calendar) -> bool:
    local = moment.astimezone(ZoneInfo(each.zone))
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    return any(s.start <= minute < s.end for s in shifts(each, today)) or any(
        minute + 1440 < s.end for s in shifts(each, yesterday)
    )


def shifts(each: Calendar, day: date) -> Hours:
    own = each.days.get(day.isoformat())
    if own is not None:
        return own
    if each.holidays and day in public_holidays(each.holidays):
        return ()
    return each.hours[day.weekday()]


@cache
def public_holidays(code: str) -> frozenset[date]:
    country, part = code.split("-")
    return frozenset(holidays.country_holidays(country, subdiv=part, years=range(2017, 2027)))


def some_calendar(random: Random, zone: str) -> Calendar:
    one, two = random.sample(EDGES, 2)
    first, last = random.sample(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], 2)
    code = random.choice([None, "DE-BE", "US-NY"])
    day = date(2025, 1, 1) + timedelta(days=random.randrange(365))
    own = (
        {} if random.random() < 0.5 else {day.isoformat(): random.choice(["closed", "11:00-13:00"])}
    )
    return calendar(zone, f"{first}-{last} {one}-{two}", code, own)


@pytest.mark.parametrize("seed", range(200))
def test_counting_minute_by_minute_comes_to_the_same(seed: int) -> None:
    random = Random(seed)
    zone, wall, *_ = random.choice([*GAPS, *FOLDS])
    calendars: Calendars = (some_calendar(random, zone),)
    if random.random() < 0.3:
        calendars += (calendar(random.choice(ZONES), "Mon-Sun 06:00-22:00"),)
    start = at(wall[:10]) - timedelta(minutes=random.randrange(3 * 1440))
    minutes = random.randrange(1, 900)
    found = add_working(start, timedelta(minutes=minutes), calendars)
    counted = by_the_minute(start, minutes, calendars)
    if counted == start + PATIENCE:
        assert found >= counted
    else:
        assert found == counted


def test_a_day_of_its_own_goes_before_a_holiday() -> None:
    busy = calendar(holidays="DE-BE", days={"2026-12-25": "10:00-11:00"})
    assert hours_of(busy, date(2026, 12, 25)) == (busy.days["2026-12-25"][0],)
    assert hours_of(busy, date(2026, 1, 1)) == ()
