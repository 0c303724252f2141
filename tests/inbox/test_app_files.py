"""What makes the inbox an app: its manifest, its worker, and the page without a connection."""

from __future__ import annotations

import struct

from tests.inbox.world import World


async def test_the_manifest_names_icons_of_the_sizes_it_says(world: World) -> None:
    client = world.browser().client
    answer = await client.get("/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    said = answer.json()

    assert (said["start_url"], said["display"]) == ("/inbox", "standalone")
    assert {each["purpose"] for each in said["icons"]} == {"any", "maskable"}
    assert {"192x192", "512x512"} <= {each["sizes"] for each in said["icons"]}
    for icon in said["icons"]:
        picture = (await client.get(icon["src"])).content
        width, height = struct.unpack(">II", picture[16:24])
        assert f"{width}x{height}" == icon["sizes"]


async def test_the_worker_is_asked_for_anew_each_time_and_loads_nothing(world: World) -> None:
    answer = await world.browser().client.get("/sw.js")

    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "importScripts" not in answer.text
    assert "http" not in answer.text


async def test_the_page_without_a_connection_needs_no_sign_in_and_says_nothing_of_anybody(
    world: World,
) -> None:
    await world.ask(title="secret")
    own = await (await world.signed_in("mgr@acme.test")).open("/inbox/offline")
    stranger = await world.browser().open("/inbox/offline")

    assert own.heading == stranger.heading == "There is no connection"
    assert "mgr@acme.test" not in own.html
    assert "secret" not in own.html


async def test_the_page_of_a_task_names_the_manifest(world: World) -> None:
    page = await (await world.signed_in("mgr@acme.test")).open("/inbox")

    assert page.root.one("link", rel="manifest").attrs["href"] == "/manifest.webmanifest"
