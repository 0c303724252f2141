"""What is made from the entries of a bundle for other tools and for people."""

import csv
import hashlib
import io
import json
from typing import Any
from xml.etree import ElementTree

import pytest
import rfc8785

from signoff.audit.formats import FORMATS, About
from signoff.audit.formats.phrases import phrase
from signoff.audit.formats.picture import picture, span

ABOUT = About(
    origin="log.acme.test/default/main",
    workspace="default/main",
    size=3,
    root="ab" * 32,
    key="log.acme.test/default/main+00000000+AQ==",
    entries=3,
)
HOSTILE = '=cmd|"/c calc"!A1</td><script>alert(1)</script>'


def entry(index: int, type_: str, at: str, **more: Any) -> dict[str, Any]:
    opened = {
        name: {"salt": "AA", "value": json.dumps(value)}
        for name, value in more.pop("opened", {}).items()
    }
    leaf = {
        "schema": 1,
        "event_id": f"0193-{index}",
        "type": type_,
        "workspace": "default/main",
        "occurred_at": at,
        "recorded_at": at,
        "actor": {"kind": "person", "ref": "per_1"},
        "software": "signoff 0.1.0",
        **more,
    }
    return {"index": index, "leaf": leaf, "open": opened}


ENTRIES = [
    entry(
        0,
        "intent.submitted",
        "2026-11-25T09:00:00.000000Z",
        intent="int_1",
        seq=1,
        actor={"kind": "agent", "ref": "agent://default/main/refunds"},
        opened={"title": HOSTILE},
    ),
    entry(
        1,
        "task.answered",
        "2026-11-28T13:20:00.500000Z",
        intent="int_1",
        task="tsk_1",
        seq=2,
        data={"outcome": "approved", "channel": "inbox", "credential": {"strength": "signed"}},
        commitments={"comment": "00" * 32},
    ),
    entry(2, "key.made", "2026-11-28T14:00:00.000000Z", data={"key_id": "key_1"}),
]


def converted(name: str) -> str:
    return "".join(FORMATS[name](iter(ENTRIES), ABOUT))


def test_csv_holds_the_complete_population_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(converted("csv"))))
    assert [row["index"] for row in rows] == ["0", "1", "2"]
    assert {row["tree_size"] for row in rows} == {"3"}
    assert rows[1]["outcome"] == "approved"
    assert rows[1]["strength"] == "signed"
    assert rows[1]["not_opened"] == "comment"
    assert json.loads(rows[0]["opened"]) == {"title": HOSTILE}
    leaf = rfc8785.dumps(ENTRIES[0]["leaf"])
    assert rows[0]["leaf_hash"] == hashlib.sha256(b"\0" + leaf).hexdigest()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(start: str) -> None:
    one = entry(0, "key.made", "2026-11-28T14:00:00.000000Z", agent=f"{start}1+1")
    [row] = csv.DictReader(io.StringIO("".join(FORMATS["csv"]([one], ABOUT))))
    assert row["agent"] == f"'{start}1+1"


def test_ocsf_records_carry_their_own_fingerprint_and_that_of_the_one_before() -> None:
    records = [json.loads(line) for line in converted("ocsf").splitlines()]
    before = None
    for record, source in zip(records, ENTRIES, strict=True):
        attestation = record["attestation"]
        said = attestation.pop("fingerprint")
        assert said["value"] == hashlib.sha256(rfc8785.dumps(record)).hexdigest()
        assert attestation.get("prev_event") == before
        before = {"uid": record["metadata"]["uid"], "fingerprint": said}
        assert record["raw_data"].encode() == rfc8785.dumps(source["leaf"])
        assert record["metadata"]["version"] == "1.9.0"
        assert record["metadata"]["profiles"] == ["record_integrity"]
        assert record["type_uid"] == record["class_uid"] * 100 + record["activity_id"]
    assert records[1]["time"] == 1795872000500


def test_cloudevents_have_what_the_specification_requires() -> None:
    events = [json.loads(line) for line in converted("cloudevents").splitlines()]
    for event, source in zip(events, ENTRIES, strict=True):
        assert event["specversion"] == "1.0"
        assert event["id"] == source["leaf"]["event_id"]
        assert event["source"] == "//log.acme.test/default/main"
        assert event["type"] == f"dev.signoff.{source['leaf']['type']}"
        assert event["data"]["leaf"] == source["leaf"]
        assert all(name.isalnum() and name == name.lower() for name in event)
    assert events[1]["subject"] == "tsk_1"
    assert "subject" not in events[2]


def test_the_report_draws_each_intent_and_runs_nothing() -> None:
    page = converted("html")
    assert page.count("<svg") == 1
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "Beside the intents" in page
    assert "3 (all of them)" in page


def test_the_picture_is_well_formed_and_says_how_long_people_took() -> None:
    drawn = picture(ENTRIES[:2])
    image = ElementTree.fromstring(drawn)
    texts = [text.text for text in image.iter("{http://www.w3.org/2000/svg}text")]
    assert "+3 d 4 h" in texts
    assert "approved, says per_1" in texts


def test_what_is_not_opened_is_said_to_be_missing() -> None:
    closed = ENTRIES[0] | {"open": {}}
    assert phrase(closed) == "submitted: [not opened]"
    asked = entry(0, "task.opened", "2026-11-28T14:00:00.000000Z")
    assert phrase(asked) == "asked: [not opened]"
    assert phrase(entry(0, "some.new_type", "2026-11-28T14:00:00.000000Z")) == "some.new_type"


def test_lengths_of_time_are_said_in_their_two_largest_units() -> None:
    from datetime import timedelta

    assert span(timedelta(days=3, hours=4, minutes=20)) == "3 d 4 h"
    assert span(timedelta(seconds=59)) == "59 s"
