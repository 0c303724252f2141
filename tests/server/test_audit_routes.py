"""The log over the wire: receipts and exports that verify, erasing, holds, keys; and who may."""

from __future__ import annotations

import asyncio
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from signoff.audit import checkpoint
from signoff.audit.command import REFUTED, UNCHECKED, VERIFIED, main
from signoff.audit.signatures import opened
from tests.server.world import World, asking

SECRET = "Ümit Käse, IBAN DE02120300000000202051"


async def decided(world: World, **fields: Any) -> dict[str, Any]:
    """An intent that the manager has approved; the submission's answer."""
    fields = {"payload": {"who": SECRET}, "title": "Refund"} | fields
    submitted = await world.submitted(**fields)
    task_id = submitted["task"]["id"]
    await world.get("manager", f"/v1/tasks/{task_id}")
    body = {"outcome": "approved", "comment": f"Fine for {SECRET}"}
    answered = await world.post("manager", f"/v1/tasks/{task_id}/answer", body)
    assert answered.status_code == 200, answered.text
    return submitted


async def logged(world: World) -> None:
    """Until the log covers all there is."""
    for _ in range(200):
        status = (await world.get("admin", "/v1/audit/status")).json()
        if status["waiting"] == 0 and status["size"] == status["sequenced"]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"the log stands still: {status}")


async def exported(world: World, folder: Path, query: str = "") -> Path:
    await logged(world)
    answer = await world.get("auditor", f"/v1/audit/export{query}")
    assert answer.status_code == 200, answer.text
    path = folder / "bundle.zip"
    path.write_bytes(answer.content)
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    with zipfile.ZipFile(path) as bundle:
        return [json.loads(line) for line in bundle.read("events.jsonl").splitlines()]


async def test_a_receipt_verifies_and_one_changed_byte_refutes_it(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submitted = await decided(world)
    answer = await world.get("agent", f"/v1/tasks/{submitted['task']['id']}/receipt")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    path = tmp_path / "receipt.tlog-proof"
    path.write_text(answer.text, encoding="utf-8")
    assert main(["verify", str(path)]) == VERIFIED
    told = capsys.readouterr().out
    assert "approved" in told
    body = bytearray(path.read_bytes())
    at = body.index(b"index ") - 40
    body[at] ^= 1
    path.write_bytes(body)
    assert main(["verify", str(path)]) in (REFUTED, UNCHECKED)
    path.write_text("not a receipt", encoding="utf-8")
    assert main(["verify", str(path)]) == UNCHECKED


async def test_the_whole_log_verifies_against_a_pinned_key(world: World, tmp_path: Path) -> None:
    await decided(world)
    path = await exported(world, tmp_path)
    keys = (await world.get("auditor", "/v1/audit/keys")).json()["keys"]
    policy = tmp_path / "policy"
    policy.write_text(f"log {keys[0]['key']}\nquorum none\n", encoding="utf-8")
    assert main(["verify", str(path), "--policy", str(policy)]) == VERIFIED
    kinds = [line["leaf"]["type"] for line in lines(path)]
    for expected in ("log.opened", "intent.submitted", "task.opened", "task.viewed"):
        assert expected in kinds
    assert kinds.index("task.viewed") < kinds.index("task.answered")
    answered = next(line for line in lines(path) if line["leaf"]["type"] == "task.answered")
    assert answered["leaf"]["data"]["credential"]["strength"] == "key"
    assert "dwell_us" in answered["leaf"]["data"]


async def test_an_intent_can_be_taken_out_alone(world: World, tmp_path: Path) -> None:
    one = await decided(world)
    await decided(world)
    path = await exported(world, tmp_path, f"?intent={one['intent']['id']}")
    assert {line["leaf"]["intent"] for line in lines(path)} == {one["intent"]["id"]}
    assert main(["verify", str(path)]) == VERIFIED


@pytest.mark.parametrize("form", ["csv", "ocsf", "cloudevents", "html"])
async def test_other_forms_are_made_of_the_same_entries(
    world: World, tmp_path: Path, form: str
) -> None:
    await decided(world)
    count = len(lines(await exported(world, tmp_path)))
    await logged(world)
    answer = await world.get("auditor", f"/v1/audit/export?format={form}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    if form in ("ocsf", "cloudevents"):
        found = [json.loads(line) for line in answer.text.splitlines()]
        assert len(found) >= count


async def test_taking_the_log_away_is_in_the_log(world: World, tmp_path: Path) -> None:
    await decided(world)
    await exported(world, tmp_path)
    path = await exported(world, tmp_path)
    last = [line["leaf"] for line in lines(path) if line["leaf"]["type"] == "log.exported"]
    assert last[-1]["actor"]["kind"] == "auditor"


async def test_erasing_leaves_every_proof_and_no_plaintext(world: World, tmp_path: Path) -> None:
    submitted = await decided(world)
    task_id, intent_id = submitted["task"]["id"], submitted["intent"]["id"]
    before = (await world.get("agent", f"/v1/tasks/{task_id}/receipt")).text
    body = {"intent": intent_id, "reason": "asked for by the customer"}
    looked = await world.post("admin", "/v1/audit/erasures", body | {"dry_run": True})
    assert looked.json()["entries"] > 0
    assert SECRET.encode() in _all_bytes(world)
    done = await world.post("admin", "/v1/audit/erasures", body)
    assert done.status_code == 200, done.text
    assert done.json()["entries"] == looked.json()["entries"]
    assert done.json()["scrubbed"]
    assert SECRET.encode() not in _all_bytes(world)
    again = await world.post("admin", "/v1/audit/erasures", body)
    assert again.json()["entries"] == 0
    path = await exported(world, tmp_path)
    assert main(["verify", str(path)]) == VERIFIED
    assert SECRET not in json.dumps(lines(path), ensure_ascii=False)
    old = tmp_path / "old.tlog-proof"
    old.write_text(before, encoding="utf-8")
    assert main(["verify", str(old)]) == VERIFIED
    new = await world.get("agent", f"/v1/tasks/{task_id}/receipt")
    old.write_text(new.text, encoding="utf-8")
    assert main(["verify", str(old)]) == VERIFIED
    shown = (await world.get("agent", f"/v1/tasks/{task_id}")).json()["task"]
    assert shown["title"] == "[erased]"
    assert shown["state"] == "concluded"


def _all_bytes(world: World) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(world.file.parent.glob("signoff.db*")))


async def test_one_field_can_go_alone(world: World, tmp_path: Path) -> None:
    submitted = await decided(world)
    body = {"intent": submitted["intent"]["id"], "fields": ["comment"], "reason": "a mistake"}
    done = await world.post("admin", "/v1/audit/erasures", body)
    assert done.json()["fields"] == ["comment"]
    path = await exported(world, tmp_path)
    assert main(["verify", str(path)]) == VERIFIED
    opened_names = {
        name
        for line in lines(path)
        if line["leaf"].get("intent") == submitted["intent"]["id"]
        for name in line["open"]
    }
    assert "payload" in opened_names
    assert "comment" not in opened_names


async def test_a_subject_is_erased_wherever_it_is_and_a_hold_forbids_it(
    world: World, tmp_path: Path
) -> None:
    one = await decided(world, custody={"subject": "customer:7"})
    other = await decided(world, custody={"subject": "customer:8"})
    hold = {"scope": "subject", "target": "customer:7", "reason": "a lawsuit"}
    placed = await world.post("admin", "/v1/audit/holds", hold)
    assert placed.status_code == 201, placed.text
    wanted = {"subject": "customer:7", "reason": "asked for"}
    held = await world.post("admin", "/v1/audit/erasures", wanted)
    assert held.json()["entries"] == 0
    assert one["intent"]["id"] in held.json()["held"][0]
    refused = await world.post(
        "admin", "/v1/audit/erasures", {"intent": one["intent"]["id"], "reason": "asked for"}
    )
    assert refused.status_code == 409
    assert refused.json()["code"] == "under_hold"
    lifted = await world.post(
        "admin", f"/v1/audit/holds/{placed.json()['id']}/lift", {"reason": "it is over"}
    )
    assert lifted.json()["lifted_at"]
    done = await world.post("admin", "/v1/audit/erasures", wanted)
    assert done.json()["intents"] == 1
    left = (await world.get("agent", f"/v1/intents/{other['intent']['id']}")).json()
    assert left["intent"]["payload"] == {"who": SECRET}
    assert main(["verify", str(await exported(world, tmp_path))]) == VERIFIED


async def test_a_person_is_erased_and_their_decisions_stay(world: World, tmp_path: Path) -> None:
    person, who = "zoe.lind@acme.test", "zoe.lind@acme.test"
    await world.hired(person, name="Zoe Lind")
    submitted = await world.submitted(task=asking(assignee=person))
    body = {"outcome": "approved"}
    answer = await world.post(who, f"/v1/tasks/{submitted['task']['id']}/answer", body)
    assert answer.status_code == 200, answer.text
    done = await world.post("admin", "/v1/audit/erasures", {"person": person, "reason": "left"})
    assert done.status_code == 200, done.text
    assert person.encode() not in _all_bytes(world)
    assert b"Zoe Lind" not in _all_bytes(world)
    path = await exported(world, tmp_path)
    assert main(["verify", str(path)]) == VERIFIED
    task = (await world.get("agent", f"/v1/tasks/{submitted['task']['id']}")).json()["task"]
    assert task["state"] == "concluded"


async def test_a_running_intent_is_not_erased(world: World) -> None:
    submitted = await world.submitted()
    body = {"intent": submitted["intent"]["id"], "reason": "too early"}
    refused = await world.post("admin", "/v1/audit/erasures", body)
    assert refused.status_code == 409
    assert refused.json()["code"] == "illegal_move"


async def test_keys_change_with_an_overlap(world: World) -> None:
    first = (await world.get("auditor", "/v1/audit/keys")).json()["keys"][0]
    made = await world.post("admin", "/v1/audit/keys")
    assert made.status_code == 201, made.text
    await decided(world)
    await logged(world)
    note = (await world.get("auditor", "/v1/audit/checkpoint")).text
    both = [first["key"], made.json()["key"]]
    assert len(opened(note, both)) == 2
    retired = await world.post("admin", "/v1/audit/keys/1/retire")
    assert retired.json()["retired_at"]
    await decided(world)
    await logged(world)
    note = (await world.get("auditor", "/v1/audit/checkpoint")).text
    assert [each.key.vkey for each in opened(note, both)] == [made.json()["key"]]
    refused = await world.post("admin", "/v1/audit/keys/2/retire")
    assert refused.status_code == 409


async def test_tiles_are_served_as_the_standard_names_them(world: World) -> None:
    await decided(world)
    await logged(world)
    now = checkpoint.parse((await world.get("auditor", "/v1/audit/checkpoint")).text)
    found = await world.get("auditor", f"/v1/audit/tile/0/000.p/{now.size}")
    assert found.status_code == 200
    assert len(found.content) == now.size * 32
    for wrong in ("0/000", "0/001.p/1", f"0/000.p/{now.size + 1}", "9/000.p/1", "x", "0/x000/000"):
        assert (await world.get("auditor", f"/v1/audit/tile/{wrong}")).status_code == 404


_READING = ("status", "checkpoint", "tile/0/000.p/1", "keys", "anchors", "export", "holds")


@pytest.mark.parametrize("path", _READING)
@pytest.mark.parametrize("who", ["agent", "manager"])
async def test_only_auditors_and_administrators_read_the_log(
    world: World, who: str, path: str
) -> None:
    await logged(world)
    assert (await world.get(who, f"/v1/audit/{path}")).status_code == 403
    assert (await world.get("auditor", f"/v1/audit/{path}")).status_code == 200


@pytest.mark.parametrize("who", ["agent", "manager", "auditor"])
async def test_only_administrators_erase_hold_and_change_keys(world: World, who: str) -> None:
    submitted = await decided(world)
    erasure = {"intent": submitted["intent"]["id"], "reason": "no"}
    hold = {"scope": "workspace", "reason": "no"}
    for path, body in (("erasures", erasure), ("holds", hold), ("keys", {})):
        answer = await world.post(who, f"/v1/audit/{path}", body)
        assert answer.status_code == 403, (path, answer.text)
    left = (await world.get("agent", f"/v1/intents/{submitted['intent']['id']}")).json()
    assert left["intent"]["payload"] == {"who": SECRET}


async def test_a_receipt_is_for_whoever_may_see_the_task(world: World) -> None:
    submitted = await decided(world)
    path = f"/v1/tasks/{submitted['task']['id']}/receipt"
    for who in ("agent", "manager", "admin", "auditor"):
        assert (await world.get(who, path)).status_code == 200, who
    for who in ("outsider", "foreign admin"):
        assert (await world.get(who, path)).status_code == 404, who
    undecided = await world.submitted()
    answer = await world.get("agent", f"/v1/tasks/{undecided['task']['id']}/receipt")
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?from=yesterday", "from"),
        ("?from=2026-11-24T10:00:00Z&to=2026-11-24T09:00:00Z", "to"),
        ("?format=pdf", "format"),
        ("?intent=int_1", "intent"),
    ],
)
async def test_an_export_that_makes_no_sense_is_refused(
    world: World, query: str, field: str
) -> None:
    await logged(world)
    answer = await world.get("auditor", f"/v1/audit/export{query}")
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_an_erasure_says_one_thing(world: World) -> None:
    for body in ({}, {"intent": "int_" + "0" * 32, "subject": "x"}, {"before": "2026-11-24"}):
        answer = await world.post("admin", "/v1/audit/erasures", body | {"reason": "why"})
        assert answer.status_code == 422, answer.text
    unknown = {"intent": "int_" + "0" * 32, "reason": "why"}
    assert (await world.post("admin", "/v1/audit/erasures", unknown)).status_code == 404
    unset = {"retention_class": "hr", "reason": "why"}
    assert (await world.post("admin", "/v1/audit/erasures", unset)).status_code == 422
