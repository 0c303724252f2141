"""The queue the demo works on is as varied as the README says."""

from __future__ import annotations

import csv
import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from signoff.cli.demo.files import count_requests, example

QUEUE = example("refunds/requests.csv")


def test_the_queue_holds_what_makes_such_queues_hard() -> None:
    with QUEUE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == 400
    assert count_requests(QUEUE) < 400
    assert {row["currency"] for row in rows} == {"EUR", "USD", "GBP", "JPY", ""}
    assert {row["category"] for row in rows} >= {"vendor_change", "chargeback", "wire_received"}
    assert any(row["category"] == "refund" and not row["amount"] for row in rows)
    assert max(Counter(row["order_id"] for row in rows).values()) > 1
    text = " ".join(row["reason"] + row["customer"] for row in rows)
    for odd in ("\n", '"', "SYSTEM:", "\u202e", "😢", "محمد", "יעל", "佐藤"):
        assert odd in text


def test_the_queue_is_what_its_generator_writes(tmp_path: Path) -> None:
    copy = tmp_path / "make_requests.py"
    copy.write_bytes(example("refunds/make_requests.py").read_bytes())

    _loaded(copy).main()

    assert (tmp_path / "requests.csv").read_bytes() == QUEUE.read_bytes()


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.50", "12.50"),
        (" 1,234.5 ", "1234.5"),
        ("1E+3", "1000"),
        ("about ten", None),
        ("", None),
        ("0", None),
        ("-5", None),
        ("1.005", None),
        ("1000000", None),
        ("1E+30", None),
        ("NaN", None),
        ("Infinity", None),
    ],
)
def test_an_amount_is_read_as_people_write_it_and_nothing_else_is(
    text: str, amount: str | None
) -> None:
    read = _loaded(example("refunds/shop.py")).read_amount(text)

    assert (None if read is None else str(read)) == amount


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("made_requests", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
