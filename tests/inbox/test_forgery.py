"""Only a form of one's own page changes anything: no other site, no stale token, no GET."""

from __future__ import annotations

import pytest

from tests.inbox.world import World


async def untouched(world: World, task_id: str) -> bool:
    task = await world.task(task_id)
    return task.decision is None and task.claimed_by is None and task.live


@pytest.mark.parametrize("token", [None, "", "wrong", "é"])
async def test_an_answer_without_the_sessions_token_is_refused(
    world: World, token: str | None
) -> None:
    task_id = await world.ask()
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    url, pairs = page.sent_by("Approve")
    forged = [(name, value) for name, value in pairs if name != "csrf"]
    if token is not None:
        forged.append(("csrf", token))

    page = await browser.post(url, forged)

    assert page.status == 403
    assert "nothing was sent" in page.text
    assert await untouched(world, task_id)


async def test_the_token_of_another_person_is_refused(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask(assignee="role:manager")
    eve, manager = await world.signed_in("eve@acme.test"), await world.signed_in("mgr@acme.test")
    url, pairs = (await eve.open(f"/inbox/tasks/{task_id}")).sent_by("Approve")

    page = await manager.post(url, pairs)

    assert page.status == 403
    assert await untouched(world, task_id)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://inbox.test.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("verb", ["", "/claim", "/release"])
async def test_a_form_from_another_site_is_refused(
    world: World, headers: dict[str, str], verb: str
) -> None:
    task_id = await world.ask()
    browser = await world.signed_in("mgr@acme.test")
    url, pairs = (await browser.open(f"/inbox/tasks/{task_id}")).sent_by("Approve")

    page = await browser.post(url + verb, pairs, headers=headers)

    assert page.status == 403
    assert await untouched(world, task_id)


async def test_signing_somebody_out_from_another_site_is_refused(world: World) -> None:
    browser = await world.signed_in("mgr@acme.test")

    page = await browser.post("/sign-out", [], headers={"sec-fetch-site": "cross-site"})

    assert page.status == 403
    assert (await browser.open("/inbox")).heading == "Inbox"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
async def test_no_other_method_changes_anything(world: World, method: str) -> None:
    task_id = await world.ask()
    browser = await world.signed_in("mgr@acme.test")
    url, pairs = (await browser.open(f"/inbox/tasks/{task_id}")).sent_by("Approve")
    path = url.removeprefix("http://inbox.test")

    for address in (path, f"{path}/claim", f"{path}/release", "/sign-out"):
        response = await browser.client.request(method, address, params=dict(pairs))
        assert response.status_code in (200, 405)

    assert await untouched(world, task_id)
    assert (await browser.open("/inbox")).heading == "Inbox"


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"{}", "application/json", 400),
        (b"outcome=%ff", "application/x-www-form-urlencoded", 400),
        (b"outcome=\xff", "application/x-www-form-urlencoded", 400),
        (b"comment=%00", "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * 1_000_001, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=" for _ in range(6000)), "application/x-www-form-urlencoded", 413),
    ],
)
async def test_what_no_browser_sends_is_refused_on_a_page(
    world: World, body: bytes, media: str, status: int
) -> None:
    task_id = await world.ask()
    browser = await world.signed_in("mgr@acme.test")

    response = await browser.client.post(
        f"/inbox/tasks/{task_id}", content=body, headers={"content-type": media}
    )

    assert response.status_code == status
    assert "text/html" in response.headers["content-type"]
    assert await untouched(world, task_id)
