"""ARCHITECTURE.md is true: its code map covers the tree, and what it names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.docs.stage import ROOT

PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "signoff"
NAMED = frozenset(re.findall(r"`([a-z_0-9]+(?:/[a-z_0-9]*)*(?:\.py)?)`", PAGE))


def modules() -> Iterator[str]:
    for path in sorted(SOURCE.rglob("*.py")):
        if path.name not in ("__init__.py", "__main__.py"):
            yield path.relative_to(SOURCE).as_posix()


def test_every_module_has_its_place_on_the_code_map() -> None:
    homeless = [
        module
        for module in modules()
        if module not in NAMED and f"{module.rpartition('/')[0]}/" not in NAMED - {"core/"}
    ]
    assert homeless == []


def test_every_module_of_the_rules_and_of_the_shell_is_named_by_itself() -> None:
    rings = [module for module in modules() if re.fullmatch(r"(core|engine)/[a-z_]+\.py", module)]
    assert [module for module in rings if module not in NAMED] == []


def test_every_path_on_the_page_is_there() -> None:
    paths = [name for name in NAMED if "/" in name]
    places = (SOURCE, ROOT)
    assert [name for name in paths if not any((at / name).exists() for at in places)] == []


def test_all_fifteen_invariants_are_listed() -> None:
    rows = re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
    assert rows == [str(number) for number in range(1, 16)]


def test_an_invariant_names_a_test_file_or_says_not_yet() -> None:
    rows = re.findall(r"^\| \d+ \|.*\| (.*) \|$", PAGE, re.MULTILINE)
    assert all("tests/" in held or "not yet" in held for held in rows)


def test_the_life_of_an_intent_has_ten_steps() -> None:
    life = PAGE.partition("## The life of an intent")[2].partition("\n## ")[0]
    assert re.findall(r"^(\d+)\. ", life, re.MULTILINE) == [str(number) for number in range(1, 11)]
