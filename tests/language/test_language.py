"""Which language is spoken, and what happens where a catalog lacks a text."""

from __future__ import annotations

import pytest

from signoff.language import LANGUAGES, _, ngettext, preferred, speaking, spoken


def test_without_a_word_it_is_english() -> None:
    assert spoken() == "en"
    assert _("Asked by %(who)s", who="Maria") == "Asked by Maria"
    assert ngettext("%(num)s day", "%(num)s days", 1) == "1 day"
    assert ngettext("%(num)s day", "%(num)s days", 3) == "3 days"


def test_a_language_is_spoken_for_a_stretch_and_then_no_more() -> None:
    with speaking("de"):
        assert spoken() == "de"
        with speaking(None):
            assert spoken() == "en"
        assert spoken() == "de"
    assert spoken() == "en"


def test_a_language_we_do_not_speak_is_english() -> None:
    with speaking("tlh"):
        assert spoken() == "en"


def test_a_text_that_a_catalog_lacks_is_english() -> None:
    with speaking("de"):
        assert _("no catalog has this, %(who)s", who="Maria") == "no catalog has this, Maria"


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-CH, en;q=0.8", "de"),
        ("en-GB, de;q=0.9", "en"),
        ("fr, de;q=0.3, en;q=0.2", "de"),
        ("de;q=0, en;q=0.1", "en"),
        ("*, ;;q=x, de;q=high", "en"),
    ],
)
def test_a_browser_says_what_it_prefers(accepted: str, code: str) -> None:
    assert preferred(accepted) == code


def test_every_language_has_its_name() -> None:
    assert [each.name for each in LANGUAGES] == ["English", "Deutsch"]
