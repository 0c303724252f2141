"""What an agent writes is shown, whole and harmless: never markup, never invisible."""

from __future__ import annotations

from typing import Any

import pytest

from signoff import visible
from signoff.core.commands import CommentTask, DelegateTask, PauseTask
from tests.inbox.browser import strange_scripts
from tests.inbox.dom import Node
from tests.inbox.world import World

HTML = "</textarea></title><script>alert(1)</script><img src=x onerror=alert(1)><b>&amp;'\""
TRICKS = {
    "right-to-left override": ("pay \u202e042 RUE", "⟨U+202E⟩"),
    "zero width space": ("pay\u200bpal", "⟨U+200B⟩"),
    "tag character": ("ok\U000e0041", "⟨U+E0041⟩"),
    "variation selector": ("ok\ufe0f", "⟨U+FE0F⟩"),
    "soft hyphen": ("pay\u00adpal", "⟨U+00AD⟩"),
    "hangul filler": ("ok\u3164", "⟨U+3164⟩"),
    "cyrillic a": ("p\u0430ypal", "⟨U+0430⟩"),
    "ansi escape": ("\x1b[2Jgone", "⟨U+001B⟩"),
    "carriage return": ("240\r", "⟨U+000D⟩"),
    "line separator": ("a\u2028b", "⟨U+2028⟩"),
    "private use": ("\ue000", "⟨U+E000⟩"),
    "mathematical letters": ("\U0001d429ay", "⟨U+1D429⟩"),
}


async def asked(world: World, kind: str, **fields: Any) -> Node:
    task_id = await world.ask(kind, **fields)
    browser = await world.signed_in("mgr@acme.test")
    await browser.open("/inbox")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert page.status == 200
    return page.root


def everywhere(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The text in every place an agent can put one."""
    schema = {
        "title": text,
        "description": text,
        "type": "object",
        "properties": {
            text: {"type": "string", "title": text, "description": text, "default": text},
            "pick": {"enum": [text, "b"], "title": text},
            "many": {"enum": [f"{text}{n}" for n in range(9)]},
            "list": {"type": "array", "items": {"enum": [text, "b"]}},
            "rows": {
                "type": "array",
                "title": text,
                "items": {"type": "object", "properties": {text: {"type": "string"}}},
            },
            "raw": {"title": text},
            "only": {"const": text},
            "pattern": {"type": "string", "pattern": "^" + text.replace("\\", "")[:1]},
        },
    }
    value = {text: [text, {text: text}]}
    return [
        ("approval", {"action": {"name": text, "arguments": value}, "payload": value}),
        ("approval", {"action": {"name": text, "arguments": {text: text}}, "editable": True}),
        ("review", {"content": text, "description": text}),
        ("review", {"content": value}),
        ("confirmation", {"statement": text, "phrase": text}),
        ("assignment", {"candidates": [text, "b"]}),
        ("form", {"schema": schema, "initial": {text: text, "stray": text}}),
        ("clarification", {"question": text, "choices": [text, "b"]}),
        ("manual_action", {"instructions": text, "checklist": [text]}),
        ("override", {"reason": text}),
    ]


@pytest.mark.parametrize("index", range(len(everywhere("x"))))
async def test_markup_is_never_markup(world: World, index: int) -> None:
    kind, fields = everywhere(HTML)[index]

    root = await asked(world, kind, title=HTML, **fields)

    assert not strange_scripts(root)
    assert {img.attrs["alt"] for img in root.all("img")} == {""}
    assert all(img.attrs["src"].startswith("/inbox/static/") for img in root.all("img"))
    assert not root.all(when=lambda each: any(name.startswith("on") for name in each.attrs))
    assert root.one("h1").text == HTML


@pytest.mark.parametrize("index", range(len(everywhere("x"))))
@pytest.mark.parametrize("trick", TRICKS)
async def test_hidden_characters_are_shown_everywhere(world: World, trick: str, index: int) -> None:
    text, escaped = TRICKS[trick]
    kind, fields = everywhere(text)[index]

    root = await asked(world, kind, title=f"Title {text} end", **fields)

    assert escaped in root.one("h1").text
    hidden = text[next(i for i, flag in enumerate(visible._flags(text)) if flag)]
    for node in root.all():
        if node.tag in ("input", "textarea", "option"):
            continue  # what is typed back must be the raw text; it is escaped beside the field
        assert hidden not in "".join(c for c in node.children if isinstance(c, str))
    warning = next(each for each in root.all("h2") if "hidden character" in each.text)
    assert int(warning.text.split()[0]) >= 1


async def test_a_field_that_holds_hidden_characters_says_so_beside_it(world: World) -> None:
    root = await asked(world, "form", initial={"note": "pay\u200bpal"})

    (control,) = root.all("textarea", name="data.note") or root.all("input", name="data.note")
    beside = [root.by_id(name).text for name in control.attrs["aria-describedby"].split()]
    assert beside == ["Holds hidden characters: pay⟨U+200B⟩pal"]


async def test_what_a_person_wrote_is_no_more_trusted(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask(assignee="role:manager")
    await world.answered(task_id, "eve@acme.test", "rejected", f"{HTML}\u202e")
    browser = await world.signed_in("mgr@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert f"{HTML}⟨U+202E⟩" in page.text
    assert not page.strange_scripts


async def test_fifty_kilobytes_are_shown_to_the_last_character(world: World) -> None:
    long = "word " * 10_000 + "the end"

    root = await asked(
        world, "approval", action={"name": "send", "arguments": {"body": long}}, description=long
    )

    assert root.one("main").text.count("the end") == 2
    assert root.by_id("o-approved").text == "refunds may run send once, exactly as shown."


async def test_many_of_the_same_hidden_character_are_counted(world: World) -> None:
    root = await asked(world, "review", content="a" + "\u200b" * 50_000 + "b")

    assert "a⟨U+200B⟩×50000b" in root.one("main").text
    assert "50000 hidden characters in this request" in root.one("main").text


async def test_right_to_left_text_cannot_rearrange_our_sentences(world: World) -> None:
    """It is shown in a field of its own; a sentence that says what a button does leaves it out."""
    arguments = {"note": "\u05d0\u05d1 5", "amount": 240}

    root = await asked(world, "approval", action={"name": "pay", "arguments": arguments})

    said = root.by_id("o-approved").text
    assert said == "refunds may run pay (amount 240 and 1 more) once, exactly as shown."


@pytest.mark.parametrize(
    "text",
    [
        "Grüße, naïve café",
        "Привет, мир",
        "日本語のテキスト",
        "Ω = 5 Ω",
        "a\u00a0b\n\tc",
        "5 €",
        "½ × 3 µs",
    ],
)
def test_honest_text_of_any_language_is_left_alone(text: str) -> None:
    assert visible.plain(text) == text
    assert visible.hidden_in(text) == 0


def test_marks_stacked_into_a_tower_are_shown_one_by_one() -> None:
    assert visible.plain("a\u0301") == "a\u0301"
    assert visible.plain("a" + "\u0301\u0302\u0303\u0304") == "a\u0301\u0302\u0303⟨U+0304⟩"


@pytest.mark.parametrize("text", [HTML, *(trick for trick, _ in TRICKS.values())])
async def test_what_people_write_beside_answering_is_shown_whole_and_harmless(
    world: World, text: str
) -> None:
    await world.person("ben@acme.test", roles=("manager",), name=f"Ben {text}")
    await world.person("ops@acme.test", roles=("operator",))
    await world.away("ben@acme.test", days=3, substitute="mgr@acme.test", note=text)
    links = [{"who": ["role:manager"], "need": 2, "when": f"'{text}' != ''"}]
    if text.isprintable() and "'" not in text:
        task_id = await world.ask(chain=links, pause=True)
    else:
        task_id = await world.ask(chain=[{"who": ["role:manager"], "need": 2}], pause=True)
    actor = world.people["ben@acme.test"].person.actor
    said: dict[str, Any] = {"actor": actor, "task_id": task_id}
    await world.do(CommentTask(**said, text=f"a{text}"))
    await world.do(DelegateTask(**said, to="mgr@acme.test", note=f"a{text}"))
    await world.do(PauseTask(**said, reason=f"a{text}"))
    mgr = await world.signed_in("mgr@acme.test")
    ben = await world.signed_in("ben@acme.test")

    pages = [
        await mgr.open(f"/inbox/tasks/{task_id}"),
        await ben.open(f"/inbox/tasks/{task_id}"),
        await ben.open("/inbox"),
        await ben.open("/inbox/absence"),
    ]

    for page in pages:
        assert page.status == 200
        assert not page.strange_scripts
        assert not page.root.all("img", src="x")
    if text != HTML:
        shown = "".join(page.root.one("main").raw for page in pages)
        assert all(not visible.hidden_in(letter) for letter in shown if letter not in "⟨⟩")
