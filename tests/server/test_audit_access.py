"""Who may do what with the log, by role and by workspace; and under which names it is served."""

from __future__ import annotations

import pytest

from signoff.engine.ports import KeyKind
from signoff.server.api.operation import Operation
from signoff.server.api.table.audit import AUDIT
from tests.server.test_agents_never_decide import path_of
from tests.server.test_audit_routes import SECRET, decided, logged
from tests.server.world import World

NOBODY = "int_" + "0" * 32
READING = ("status", "checkpoint", "tile/0/000.p/1", "keys", "anchors", "export", "holds")
ROLES = {"auditor": "ada@acme.test", "administrator": "bo@acme.test", "operator": "cy@acme.test"}


@pytest.mark.parametrize("operation", AUDIT, ids=lambda each: each.name)
async def test_an_agent_takes_nothing_of_the_log_but_its_own_receipts(
    world: World, operation: Operation
) -> None:
    submitted = await decided(world)
    path = path_of(operation, submitted)

    own = await world.send("agent", operation.method, path, {} if operation.body else None)
    other = await world.send("other agent", operation.method, path, {} if operation.body else None)

    assert (KeyKind.AGENT in operation.who) == (operation.name == "readReceipt")
    assert own.status_code == (200 if operation.name == "readReceipt" else 403)
    assert other.status_code == (404 if operation.name == "readReceipt" else 403)


@pytest.mark.parametrize(("role", "reads", "erases"), [
    ("auditor", True, False), ("administrator", True, True), ("operator", False, False),
])  # fmt: skip
async def test_a_person_does_with_the_log_what_their_role_is_for(
    world: World, role: str, reads: bool, erases: bool
) -> None:
    submitted = await decided(world)
    await logged(world)
    await world.hired(ROLES[role], roles=[role])

    for path in READING:
        answer = await world.get(ROLES[role], f"/v1/audit/{path}")
        assert answer.status_code == (200 if reads else 403), path
    order = {"intent": submitted["intent"]["id"], "reason": "asked for", "dry_run": True}
    looked = await world.post(ROLES[role], "/v1/audit/erasures", order)
    held = await world.post(
        ROLES[role], "/v1/audit/holds", {"scope": "workspace", "reason": "a case"}
    )

    assert looked.status_code == (200 if erases else 403)
    assert held.status_code == (201 if erases else 403)


async def test_what_belongs_to_another_workspace_is_as_if_it_were_not_there(world: World) -> None:
    submitted = await decided(world)
    await logged(world)
    task, intent = submitted["task"]["id"], submitted["intent"]["id"]
    placed = await world.post(
        "admin", "/v1/audit/holds", {"scope": "subject", "target": "x", "reason": "a case"}
    )
    lift = "/v1/audit/holds/{}/lift"

    pairs = [
        (("GET", f"/v1/tasks/{task}/receipt", None),
         ("GET", f"/v1/tasks/task_{'0' * 32}/receipt", None)),
        (("GET", f"/v1/audit/export?intent={intent}", None),
         ("GET", f"/v1/audit/export?intent={NOBODY}", None)),
        (("POST", "/v1/audit/erasures", {"intent": intent, "reason": "mine now"}),
         ("POST", "/v1/audit/erasures", {"intent": NOBODY, "reason": "mine now"})),
        (("POST", "/v1/audit/holds", {"scope": "intent", "target": intent, "reason": "x"}),
         ("POST", "/v1/audit/holds", {"scope": "intent", "target": NOBODY, "reason": "x"})),
        (("POST", lift.format(placed.json()["id"]), {"reason": "x"}),
         ("POST", lift.format("hold_" + "0" * 32), {"reason": "x"})),
    ]  # fmt: skip
    for (method, path, body), (_, unknown, other) in pairs:
        foreign = await world.send("foreign admin", method, path, body)
        nothing = await world.send("foreign admin", method, unknown, other)
        assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found"), path
        assert _neutral(foreign.text, task, intent, placed.json()["id"]) == _neutral(nothing.text)

    left = (await world.get("agent", f"/v1/intents/{intent}")).json()
    assert left["intent"]["payload"] == {"who": SECRET}
    assert (await world.get("admin", "/v1/audit/holds")).json()["holds"][0]["lifted_at"] is None
    assert (await world.get("foreign admin", "/v1/audit/holds")).json()["holds"] == []


def _neutral(text: str, *own: str) -> str:
    for each in own:
        text = text.replace(each, each.partition("_")[0] + "_" + "0" * 32)
    return text


async def test_every_log_has_a_name_and_a_key_of_its_own(world: World) -> None:
    here = (await world.get("admin", "/v1/audit/keys")).json()
    there = (await world.get("foreign admin", "/v1/audit/keys")).json()

    assert here["origin"].endswith("/default/main")
    assert there["origin"].endswith("/other/main")
    assert here["keys"][0]["key"].rpartition("+")[2] != there["keys"][0]["key"].rpartition("+")[2]


async def test_files_say_what_they_are_and_how_long_they_stay_true(world: World) -> None:
    submitted = await decided(world)
    await logged(world)
    task = submitted["task"]["id"]

    async def headers(path: str) -> tuple[str, str | None, str]:
        answer = await world.get("admin", path)
        assert answer.status_code == 200, answer.text
        said = answer.headers
        return said["content-type"], said.get("content-disposition"), said["cache-control"]

    text, octets, stale = "text/plain; charset=utf-8", "application/octet-stream", "no-store"
    receipt = f'attachment; filename="{task}.tlog-proof"'
    assert await headers(f"/v1/tasks/{task}/receipt") == (text, receipt, stale)
    assert await headers("/v1/audit/checkpoint") == (text, None, stale)
    assert await headers("/v1/audit/tile/0/000.p/3") == (octets, None, stale)
    await logged(world)
    size = (await world.get("admin", "/v1/audit/status")).json()["size"]
    name = f'attachment; filename="signoff-default-main-{size}.zip"'
    assert await headers("/v1/audit/export") == ("application/zip", name, stale)


async def test_a_full_tile_is_kept_for_ever(world: World) -> None:
    await logged(world)
    path = "/v1/audit/holds"
    for _ in range(256):
        assert (
            await world.post("admin", path, {"scope": "workspace", "reason": "x"})
        ).status_code == 201
    await logged(world)

    full = await world.get("auditor", "/v1/audit/tile/0/000")
    partial = await world.get("auditor", "/v1/audit/tile/0/000.p/255")

    assert len(full.content) == 256 * 32
    assert "immutable" in full.headers["cache-control"]
    assert full.content.startswith(partial.content)
    assert partial.headers["cache-control"] == "no-store"
