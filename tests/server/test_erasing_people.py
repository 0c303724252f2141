"""Erasing a person over the wire: wherever they are named, and not while something is held."""

from __future__ import annotations

from pathlib import Path

from signoff.audit.command import VERIFIED, main
from tests.server.test_audit_routes import exported
from tests.server.world import World, asking

ZOE = "zoe.lind@acme.test"
ERASE = {"person": ZOE, "reason": "left"}


def stored(world: World) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(world.file.parent.glob("signoff.db*")))


async def decided_by_zoe(world: World) -> str:
    """An intent that she has approved; its task."""
    submitted = await world.submitted(task=asking(assignee=ZOE))
    task_id: str = submitted["task"]["id"]
    answer = await world.post(ZOE, f"/v1/tasks/{task_id}/answer", {"outcome": "approved"})
    assert answer.status_code == 200, answer.text
    return task_id


async def test_whoever_was_not_asked_is_forgotten_where_they_tried(
    world: World, tmp_path: Path
) -> None:
    await world.hired(ZOE, name="Zoe Lind", roles=["operator"])
    task = await world.task()
    refused = await world.post(ZOE, f"/v1/tasks/{task['id']}/answer", {"outcome": "approved"})
    assert refused.status_code == 403
    assert ZOE in refused.json()["detail"]

    done = await world.post("admin", "/v1/audit/erasures", ERASE)

    assert done.json()["held"] == []
    assert ZOE.encode() not in stored(world)
    assert main(["verify", str(await exported(world, tmp_path))]) == VERIFIED


async def test_a_person_stays_while_what_names_them_is_held(world: World, tmp_path: Path) -> None:
    """Without their address nothing would find later what is held now."""
    await world.hired(ZOE, name="Zoe Lind")
    task_id = await decided_by_zoe(world)
    task = (await world.get("agent", f"/v1/tasks/{task_id}")).json()["task"]
    hold = {"scope": "intent", "target": task["intent_id"], "reason": "a lawsuit"}
    placed = (await world.post("admin", "/v1/audit/holds", hold)).json()

    held = (await world.post("admin", "/v1/audit/erasures", ERASE)).json()

    assert (held["entries"], len(held["held"])) == (0, 2)
    assert (await world.get("admin", f"/v1/people/{ZOE}")).status_code == 200
    lifting = {"reason": "it is over"}
    await world.post("admin", f"/v1/audit/holds/{placed['id']}/lift", lifting)
    done = (await world.post("admin", "/v1/audit/erasures", ERASE)).json()
    assert (done["intents"], done["held"]) == (1, [])
    assert ZOE.encode() not in stored(world)
    assert main(["verify", str(await exported(world, tmp_path))]) == VERIFIED


async def test_nobody_is_erased_while_all_the_workspace_is_held(world: World) -> None:
    await world.hired(ZOE, name="Zoe Lind")
    await world.post("admin", "/v1/audit/holds", {"scope": "workspace", "reason": "a lawsuit"})

    held = (await world.post("admin", "/v1/audit/erasures", ERASE)).json()

    assert held["entries"] == 0
    assert "hold_" in held["held"][0]
    assert (await world.get("admin", f"/v1/people/{ZOE}")).json()["person"]["name"] == "Zoe Lind"


async def test_a_task_whose_decider_is_erased_is_explained(world: World) -> None:
    zoe = await world.hired(ZOE, name="Zoe Lind")
    task_id = await decided_by_zoe(world)
    await world.post("admin", "/v1/audit/erasures", ERASE)

    explained = await world.get("admin", f"/v1/tasks/{task_id}/explain")

    assert explained.status_code == 200, explained.text
    assert ZOE not in explained.text
    assert zoe["id"] in explained.text
