"""The runner of the pages finds what is wrong with them: its negative controls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.expecting import require_json, require_text
from tests.docs.fences import BadPage, blocks_of
from tests.docs.staff import lines_of
from tests.docs.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path / "page")
    yield made
    made.close()


def play(stage: Stage, text: str) -> None:
    page = stage.shell.folder / "page.md"
    page.write_text(text, encoding="utf-8")
    stage.run(blocks_of(page))


@pytest.mark.parametrize(
    "text",
    [
        "```ruby\nputs 1\n```",
        "```\nno language\n```",
        "```python title=x\nprint(1)\n```",
        "~~~python\nprint(1)\n~~~",
        "````python\nprint(1)\n````",
        "- a list\n\n  ```python\n  print(1)\n  ```",
        "Text.\n\n    print(1)",
        "Text.\n\n\tprint(1)",
        "<pre>print(1)</pre>",
        "```python\nprint(1)",
        "<!-- skip -->\n\n```python\nprint(1)\n```",
        "<!-- just a remark -->",
        "<!-- exit: 1 -->\n\nText, and no block.\n",
    ],
)
def test_what_would_escape_the_runner_is_refused(stage: Stage, text: str) -> None:
    with pytest.raises(BadPage):
        play(stage, text)


@pytest.mark.parametrize(
    "text",
    [
        "```bash\nfalse\n```",
        "```bash\ntrue\nno-such-program\n```",
        "```console\n$ echo one\ntwo\n```",
        "```console\n$ echo one; echo two\none\n```",
        "```console\n$ printf 'one\\n'\none\ntwo\n```",
        "<!-- exit: 3 -->\n\n```console\n$ true\n```",
        "```python\nprint(undefined)\n```",
        "```python\nprint(1)\n```\n\n```text\n2\n```",
        "```text\nnothing came before this\n```",
        '```console\n$ echo \'{"a": 1}\'\n```\n\n```json\n{"a": 2}\n```',
        '```console\n$ echo \'{"a": 1}\'\n```\n\n```json\n{"b": 1}\n```',
        "```bash\nmake no-such-verb\n```",
        "```bash\npip install 'signoff[no-such-extra]'\n```",
        "```bash\npip install somebody-elses-package\n```",
        "```ini\nlayers =\n    everything\n```",
        "<!-- file: agent.py -->\n\n```python\nthis is no Python\n```",
        "```bash\nsignoff serve --port nonsense\n```",
    ],
)
def test_a_wrong_block_fails_its_page(stage: Stage, text: str) -> None:
    with pytest.raises(AssertionError, match="line "):
        play(stage, text)


@pytest.mark.parametrize(
    "text",
    [
        "```console\n$ echo one; echo two\none\n...\n```",
        "```console\n$ echo one two three\none ... three\n```",
        "```bash\nexport NAME=Ada\n```\n\n```console\n$ echo $NAME\nAda\n```",
        "<!-- exit: 3 -->\n\n```console\n$ exit 3\n```",
        "```python\nx = 1\n```\n\n```python\nprint(x + 1)\n```\n\n```text\n2\n```",
        "```python\nimport asyncio\n\nawait asyncio.sleep(0)\n```",
        "<!-- file: a.py -->\n\n```python\nprint(1)\n```\n\n```console\n$ python a.py\n1\n```",
        "```bash\nmake test\nmake demo ARGS=-h\npip install 'signoff[server,postgres]'\n```",
        "```console\n$ echo one \\\n    two\none two\n```",
    ],
)
def test_a_right_page_passes(stage: Stage, text: str) -> None:
    play(stage, text)


ASK = """<!-- person: mgr@acme.test rejected {"comment": "No."} -->

```python
import signoff

decision = await signoff.wait_for_human(
    task="approval", assignee="mgr@acme.test", title="May I?", timeout=20
)
print(decision.outcome)
```

```text
rejected
```
"""


@pytest.mark.slow
def test_a_page_on_which_a_person_answers_passes(stage: Stage, world: Stage) -> None:
    stage.join(world)
    play(stage, ASK)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("```text\nrejected", "```text\napproved"),
        ("mgr@acme.test rejected", "cfo@acme.test rejected"),
        ("mgr@acme.test rejected", "nobody@acme.test rejected"),
        ("rejected {", "no_such_outcome {"),
        ('task="approval"', 'task="no_such_type"'),
        ("timeout=20", "timeout=0.01"),
    ],
)
def test_a_page_that_tells_it_otherwise_than_it_is_fails(
    stage: Stage, world: Stage, right: str, wrong: str
) -> None:
    stage.join(world)
    with pytest.raises(AssertionError, match="line "):
        play(stage, ASK.replace(right, wrong).replace("timeout=20", "timeout=2"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "shown",
    [
        "HTTP/1.1 201",
        'HTTP/1.1 200\n\n{"kind": "person"}',
        "HTTP/1.1 200\nContent-Type: text/html",
    ],
)
def test_a_response_that_is_not_what_came_back_fails(
    stage: Stage, world: Stage, shown: str
) -> None:
    stage.join(world)
    request = "```http\nGET /v1/me\nAuthorization: Bearer signoff_agent_...\n```"
    play(stage, f"{request}\n\n```http\nHTTP/1.1 200\n```")
    with pytest.raises(AssertionError, match="line "):
        play(stage, f"{request}\n\n```http\n{shown}\n```")


def test_a_key_or_id_that_is_cut_short_is_the_last_of_its_kind(stage: Stage) -> None:
    first, second = ("task_" + digit * 32 for digit in "12")
    play(stage, f"```console\n$ echo {first} {second}\n$ echo task_...\n{second}\n```")


def test_a_key_nobody_printed_is_not_made_up(stage: Stage) -> None:
    with pytest.raises(AssertionError, match="line "):
        play(stage, "```console\n$ echo signoff_admin_...\n```")


def test_a_person_directive_that_says_nothing_is_refused(stage: Stage) -> None:
    page = stage.shell.folder / "page.md"
    page.write_text("<!-- person: somebody -->\n\n```python\npass\n```", encoding="utf-8")
    (block,) = blocks_of(page)
    with pytest.raises(BadPage):
        lines_of(block)


def test_fields_that_are_not_shown_may_be_there_and_those_shown_must() -> None:
    require_json({"a": "task_...", "b": [1]}, {"a": "task_1", "b": [1], "c": None})
    for shown in ({"a": 2}, {"z": 1}, {"a": True}, {"a": [1]}, {"a": "..."}):
        with pytest.raises(AssertionError):
            require_json(shown, {"a": 1})


def test_text_is_compared_whole() -> None:
    require_text("a  b\n...\nz", "a b\nc\nd\nz\n")
    for shown in ("a b", "a b\nz", "...\nc", "b\n...\nz"):
        with pytest.raises(AssertionError):
            require_text(shown, "a b\nc\nd\nz\n")
