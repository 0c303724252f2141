"""The page on which people say when they are away."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urljoin

import pytest

from signoff.core.routing import Absence
from tests.inbox.browser import Browser, Page
from tests.inbox.world import BEGINNING, HERE, World

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Test//EN
BEGIN:VEVENT
UID:1@test
DTSTAMP:20261101T000000Z
DTSTART;VALUE=DATE:20261221
DTEND;VALUE=DATE:20270102
SUMMARY:Holidays
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
async def people(world: World) -> World:
    await world.person("ana@acme.test", name="Ana Pérez", zone="Europe/Berlin")
    await world.person("ben@acme.test", name="Ben Xu")
    await world.person("boss@acme.test", roles=("administrator",))
    return world


async def absences(world: World, email: str) -> tuple[Absence, ...]:
    row = await world.services.store.person(HERE, email)
    assert row is not None
    found: tuple[Absence, ...] = row.person.absences
    return found


def filled(page: Page, *, first: str, last: str, substitute: str = "", note: str = "") -> Page:
    page.fill("First day away", first).fill("Last day away", last)
    return page.fill("Who stands in (", substitute).fill("Note", note)


async def upload(
    browser: Browser, page: Page, ics: str, *, csrf: str | None = None, deputy: str = ""
) -> Page:
    """Send the form with the file, as a browser does."""
    form = page.root.one("form", when=lambda node: node.attrs.get("enctype") is not None)
    assert form.attrs["enctype"] == "multipart/form-data"
    token = csrf if csrf is not None else form.one("input", name="csrf").attrs["value"]
    response = await browser.client.post(
        urljoin(page.url, form.attrs["action"]),
        data={"csrf": token, "deputy": deputy},
        files={"ics": ("away.ics", ics.replace("\n", "\r\n").encode(), "text/calendar")},
        headers={"origin": "null", "sec-fetch-site": "same-origin"},
    )
    return await browser._followed(response, form.attrs["action"])


async def test_days_away_begin_and_end_where_the_person_is(people: World) -> None:
    browser = await people.signed_in("ana@acme.test")
    page = await browser.open("/inbox")
    (link,) = page.root.all("a", href="/inbox/absence")
    assert link.text == "My absence"
    page = await browser.open("/inbox/absence")
    assert "No absence is on record." in page.text

    filled(page, first="2026-12-01", last="2026-12-03", substitute="ben@acme.test", note="Skiing")
    page = await browser.press(page, "Add absence")

    (kept,) = await absences(people, "ana@acme.test")
    assert kept.start == BEGINNING.replace(month=11, day=30, hour=23)
    assert kept.end == BEGINNING.replace(month=12, day=3, hour=23)
    assert kept.substitute == people.people["ben@acme.test"].person.id
    assert "Tue 1 Dec to Thu 3 Dec" in page.text
    assert "Ben Xu stands in." in page.text
    assert "Skiing" in page.text


async def test_an_absence_is_removed(people: World) -> None:
    await people.away("ana@acme.test", days=3)
    browser = await people.signed_in("ana@acme.test")
    page = await browser.open("/inbox/absence")
    (remove,) = [button for button in page.buttons() if button.startswith("Remove")]

    page = await browser.press(page, remove)

    assert "No absence is on record." in page.text
    assert await absences(people, "ana@acme.test") == ()


async def test_an_absence_that_has_passed_is_not_shown(people: World) -> None:
    await people.away("ana@acme.test", days=1)
    people.clock.advance(timedelta(hours=25))
    browser = await people.signed_in("ana@acme.test")

    page = await browser.open("/inbox/absence")

    assert "No absence is on record." in page.text


@pytest.mark.parametrize(
    ("first", "last", "substitute", "told"),
    [
        ("", "", "", "Enter the first day away."),
        ("2026-12-05", "2026-12-04", "", "The last day away is before the first."),
        ("2026-11-01", "2026-11-02", "", "That has passed already."),
        ("2026-12-05", "9999-12-31", "", "further away than ten years"),
        ("2026-12-05", "2026-13-77", "", "is no day"),
        ("2026-12-05", "2026-12-06", "nobody@acme.test", "nobody known here"),
        ("2026-12-05", "2026-12-06", "role:manager", "nobody known here"),
        ("2026-12-05", "2026-12-06", "ana@acme.test", "Nobody stands in for themselves."),
        ("2026-11-20", "2026-12-06", "", "overlaps with another absence: "),
    ],
)
async def test_what_will_not_do_is_said_and_nothing_is_lost(
    people: World, first: str, last: str, substitute: str, told: str
) -> None:
    await people.away("ana@acme.test", days=3)
    before = await absences(people, "ana@acme.test")
    browser = await people.signed_in("ana@acme.test")
    page = await browser.open("/inbox/absence")
    token = page.root.all("input", name="csrf")[0].attrs["value"]

    sent = [("csrf", token), ("from", first), ("until", last), ("substitute", substitute)]
    page = await browser.post("/inbox/absence/add", [*sent, ("note", "Why")])

    assert page.status == 422
    assert told in page.alerts[0]
    assert told in " ".join(node.text for node in page.root.classed("error"))
    assert page.shown_in("Last day away") == last
    assert page.shown_in("Who stands in (") == substitute
    assert page.shown_in("Note") == "Why"
    assert await absences(people, "ana@acme.test") == before


async def test_nobody_comes_to_stand_in_for_themselves_around_a_corner(people: World) -> None:
    await people.away("ben@acme.test", days=30, substitute="ana@acme.test")
    browser = await people.signed_in("ana@acme.test")
    page = await browser.open("/inbox/absence")

    filled(page, first="2026-12-01", last="2026-12-03", substitute="ben@acme.test")
    page = await browser.press(page, "Add absence")

    assert page.status == 422
    assert "ana@acme.test → ben@acme.test → ana@acme.test" in page.alerts[0]
    assert await absences(people, "ana@acme.test") == ()


async def test_a_calendar_file_brings_absences(people: World) -> None:
    browser = await people.signed_in("ana@acme.test")
    page = await browser.open("/inbox/absence")

    page = await upload(browser, page, ICS, deputy="ben@acme.test")

    assert "Mon 21 Dec to Fri 1 Jan 2027" in page.text
    assert "Ben Xu stands in." in page.text
    assert "Holidays" not in page.text
    (kept,) = await absences(people, "ana@acme.test")
    assert kept.start == BEGINNING.replace(month=12, day=20, hour=23)


@pytest.mark.parametrize(
    ("ics", "deputy", "told"),
    [
        ("", "", "Choose a calendar file."),
        ("hello", "", ""),
        (ICS.replace("2026", "2020").replace("2027", "2021"), "", "no day away"),
        (ICS, "nobody@acme.test", "nobody known here"),
    ],
)
async def test_a_file_that_will_not_do_is_said_beside_it(
    people: World, ics: str, deputy: str, told: str
) -> None:
    browser = await people.signed_in("ana@acme.test")
    page = await browser.open("/inbox/absence")

    page = await upload(browser, page, ics, deputy=deputy)

    assert page.status == 422
    assert told in page.alerts[0]
    form = page.root.one("form", when=lambda node: node.attrs.get("enctype") is not None)
    details = form.within("details")
    assert details is not None
    assert "open" in details.attrs
    assert form.classed("error")
    assert await absences(people, "ana@acme.test") == ()


async def test_no_form_of_the_page_is_taken_without_the_sessions_token(people: World) -> None:
    await people.away("boss@acme.test", days=3)
    before = await absences(people, "boss@acme.test")
    browser = await people.signed_in("boss@acme.test")
    page = await browser.open("/inbox/absence")
    key = page.root.one("input", name="which").attrs["value"]
    sent = [("from", "2026-12-05"), ("until", "2026-12-06"), ("which", key), ("csrf", "x")]

    for verb in ("add", "remove", "find"):
        refused = await browser.post(f"/inbox/absence/{verb}", sent)
        assert refused.status == 403, verb
    assert (await upload(browser, page, ICS, csrf="x")).status == 403
    assert await absences(people, "boss@acme.test") == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n\r\nno name\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\xff\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\x00\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nnever ends',
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 30 + b"--x--\r\n",
        (
            b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n"
            b'Content-Disposition: form-data; name="csrf"\r\n\r\n--y\r\n\r\nz\r\n--y--\r\n--x--\r\n'
        ),
    ],
)
async def test_a_body_no_browser_sends_is_refused_on_a_page(people: World, body: bytes) -> None:
    browser = await people.signed_in("ana@acme.test")

    response = await browser.client.post(
        "/inbox/absence/import",
        content=body,
        headers={"content-type": "multipart/form-data; boundary=x"},
    )

    assert response.status_code in (400, 403)
    assert "text/html" in response.headers["content-type"]
    assert await absences(people, "ana@acme.test") == ()


async def test_an_administrator_says_it_for_somebody_else(people: World) -> None:
    browser = await people.signed_in("boss@acme.test")
    page = await browser.open("/inbox/absence")

    page = await browser.press(page.fill("Whose", "ana@acme.test"), "Open their page")

    assert page.heading == "Absence of Ana Pérez"
    filled(page, first="2026-12-01", last="2026-12-01", substitute="ben@acme.test")
    page = await browser.press(page, "Add absence")
    assert page.heading == "Absence of Ana Pérez"
    assert "Tue 1 Dec" in page.text
    assert len(await absences(people, "ana@acme.test")) == 1
    assert await absences(people, "boss@acme.test") == ()


async def test_the_absence_of_others_is_for_administrators_alone(people: World) -> None:
    browser = await people.signed_in("ben@acme.test")
    page = await browser.open("/inbox/absence")
    assert "Open their page" not in page.buttons()
    token = page.root.all("input", name="csrf")[0].attrs["value"]
    ana = people.people["ana@acme.test"].person.id

    sent = [("csrf", token), ("from", "2026-12-05"), ("until", "2026-12-06")]
    for path in (f"/inbox/absence/of/{ana}", "/inbox/absence/of/ana@acme.test"):
        assert (await browser.open(path)).status == 404
        assert (await browser.post(f"{path}/add", sent)).status == 404
        assert (await browser.post(f"{path}/remove", sent)).status == 404
    found = await browser.post("/inbox/absence/find", [*sent, ("email", "ana@acme.test")])
    assert found.status == 404
    assert await absences(people, "ana@acme.test") == ()


async def test_what_is_asked_from_then_on_goes_to_the_substitute(people: World) -> None:
    browser = await people.signed_in("ana@acme.test")
    page = await browser.open("/inbox/absence")
    filled(page, first="2026-11-24", last="2026-11-26", substitute="ben@acme.test")
    page = await browser.press(page, "Add absence")
    assert [chip.text for chip in page.root.classed("chip")] == ["now"]

    task_id = await people.ask(assignee="ana@acme.test")

    seen = await (await people.signed_in("ben@acme.test")).open(f"/inbox/tasks/{task_id}")
    assert "You answer for Ana Pérez, away until Thu 26 Nov" in seen.text
