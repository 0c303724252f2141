"""One request, from its sending to a document or an error; and waiting for news."""

from __future__ import annotations

from typing import Any

import pytest

from signoff.client._messages import NoAnswer, Response
from signoff.client._protocol import document_of, exchange, get, poll, post
from signoff.client._retry import ENDLESS, LONG, SHORT
from signoff.errors import (
    AlreadyConcluded,
    Broken,
    CallerError,
    InvalidAnswer,
    InvalidInput,
    NotFound,
    Overloaded,
    StillWaiting,
    StoreUnavailable,
    Unreachable,
    by_code,
)
from tests.client.script import NOBODY, Script, refuses, says

OK = says({"ok": True})


def test_an_answer_is_returned_as_its_document() -> None:
    assert Script(OK).play(exchange(get("/v1/me"))) == {"ok": True}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_failure_is_tried_again(status: int) -> None:
    script = Script(Response(status=status), NOBODY, OK)
    assert script.play(exchange(get("/v1/me"))) == {"ok": True}
    assert len(script.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 500])
def test_any_other_failure_is_told_at_once(status: int) -> None:
    script = Script(Response(status=status), OK)
    with pytest.raises((CallerError, Broken)):
        script.play(exchange(get("/v1/me")))
    assert len(script.requests) == 1


def test_a_write_that_is_tried_again_keeps_its_idempotency_key() -> None:
    script = Script(NOBODY, OK)
    script.play(exchange(post("/v1/intents", {})))
    keys = {request.key for request in script.requests}
    assert len(script.requests) == 2
    assert len(keys) == 1
    assert None not in keys


def test_two_writes_have_different_keys_unless_one_is_given() -> None:
    assert post("/v1/intents", {}).key != post("/v1/intents", {}).key
    assert post("/v1/intents", {}, key="refund-1").key == "refund-1"


@pytest.mark.parametrize("key", ["", "two words", "schlüssel", "x" * 256, "a\nb"])
def test_a_key_that_cannot_be_sent_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput, match="visible ASCII"):
        post("/v1/intents", {}, key=key)


def test_rests_double_up_to_a_cap() -> None:
    script = Script(*[NOBODY] * 12, OK)
    script.play(exchange(get("/v1/me"), ENDLESS))
    rests = [pause.seconds for pause in script.pauses]
    assert rests[:4] == [0.1, 0.2, 0.4, 0.8]
    assert max(rests) == rests[-1] == 5.0


def test_the_server_says_how_long_to_rest() -> None:
    script = Script(refuses(503, "overloaded", retry_after="3"), OK)
    script.play(exchange(get("/v1/me")))
    assert [pause.seconds for pause in script.pauses] == [3.0]


def test_an_absurd_retry_after_is_cut() -> None:
    script = Script(refuses(429, "overloaded", retry_after="999999"), OK)
    script.play(exchange(get("/v1/me"), ENDLESS))
    assert script.rested == 30.0


@pytest.mark.parametrize(("patience", "seconds"), [(SHORT, 4.0), (LONG, 60.0)])
def test_a_plain_call_gives_up_and_says_what_to_check(patience: Any, seconds: float) -> None:
    script = Script(NOBODY)
    with pytest.raises(Unreachable, match=r"ConnectError.*SIGNOFF_URL"):
        script.play(exchange(get("/v1/me"), patience))
    assert script.rested == pytest.approx(seconds)
    assert len(script.requests) < 25


def test_the_last_word_of_a_signoff_server_is_told_as_it_is() -> None:
    script = Script(refuses(503, "store_unavailable", "the disk is full"))
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        script.play(exchange(get("/v1/me")))


def test_the_last_word_of_a_proxy_is_that_nobody_answered() -> None:
    script = Script(Response(status=502, content=b"<html>Bad Gateway</html>"))
    with pytest.raises(Unreachable, match="502"):
        script.play(exchange(get("/v1/me")))


def test_only_the_first_failure_of_a_plain_call_is_loud() -> None:
    script = Script(NOBODY, NOBODY, NOBODY, OK)
    script.play(exchange(get("/v1/me")))
    assert [pause.loud for pause in script.pauses] == [True, False, False]


# Errors


@pytest.mark.parametrize("code", sorted(by_code()))
def test_every_code_becomes_the_error_it_names(code: str) -> None:
    with pytest.raises(by_code()[code]) as caught:
        document_of(refuses(409, code, "so it is"))
    assert type(caught.value) is by_code()[code]
    assert caught.value.message == "so it is"


def test_an_error_keeps_its_fields_and_facts() -> None:
    problem = {
        "code": "invalid_answer",
        "detail": "no",
        "errors": [{"field": "data.amount", "message": "is missing"}],
        "about": {"task_id": "task_1"},
    }
    with pytest.raises(InvalidAnswer) as caught:
        document_of(says(problem, 422))
    assert caught.value.errors[0].field == "data.amount"
    assert caught.value.about == {"task_id": "task_1"}


def test_a_code_of_a_newer_server_falls_back_to_its_status() -> None:
    with pytest.raises(CallerError, match="too early"):
        document_of(refuses(425, "too_early", "too early"))
    with pytest.raises(Broken):
        document_of(refuses(500, "on_fire"))


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'"text"', b"\xff"])
def test_what_no_signoff_server_says_is_told(content: bytes) -> None:
    with pytest.raises(Broken, match="SIGNOFF_URL"):
        document_of(Response(status=200, content=content))


def test_a_redirect_is_no_answer() -> None:
    with pytest.raises(Broken, match="301"):
        document_of(Response(status=301))


# Waiting


def waiting(until: float | None = None) -> Any:
    return poll(
        lambda wait: get("/v1/tasks/task_1", wait=wait),
        lambda document: bool(document["done"]),
        until=until,
        still=lambda: StillWaiting("still"),
    )


def test_waiting_asks_again_at_once_when_the_server_held_the_question() -> None:
    script = Script(*[says({"done": False})] * 5, says({"done": True}), holds=True)
    script.play(waiting())
    assert [request.wait for request in script.requests] == [50.0] * 6
    assert script.pauses == []


def test_waiting_never_hurries_a_server_that_answers_at_once() -> None:
    script = Script(*[says({"done": False})] * 50, says({"done": True}))
    script.play(waiting())
    assert len(script.pauses) == 50
    assert script.rested > 50 * 3


@pytest.mark.parametrize("reply", [NOBODY, Response(status=503), Response(status=502)])
def test_waiting_outlives_a_night_without_a_server(reply: Any) -> None:
    script = Script(*[reply] * 10_000, says({"done": True}))
    script.play(waiting())
    assert script.rested > 8 * 3600


def test_waiting_stops_when_its_time_is_up() -> None:
    script = Script(says({"done": False}), holds=True)
    with pytest.raises(StillWaiting):
        script.play(waiting(until=script.now + 120))
    assert [request.wait for request in script.requests] == [50.0, 50.0, 20.0]


def test_waiting_stops_in_time_though_the_server_is_away() -> None:
    script = Script(NOBODY)
    began = script.now
    with pytest.raises(StillWaiting) as caught:
        script.play(waiting(until=began + 90))
    assert script.now == pytest.approx(began + 90)
    assert isinstance(caught.value.__cause__, Unreachable)


def test_a_timeout_of_nothing_looks_once() -> None:
    script = Script(says({"done": False}))
    with pytest.raises(StillWaiting):
        script.play(waiting(until=script.now))
    assert len(script.requests) == 1


def test_waiting_ends_when_the_server_says_no() -> None:
    script = Script(says({"done": False}), refuses(404, "not_found"))
    with pytest.raises(NotFound):
        script.play(waiting())


def test_a_lost_race_is_no_reason_to_try_again() -> None:
    script = Script(refuses(409, "already_concluded", "maria decided"))
    with pytest.raises(AlreadyConcluded):
        script.play(exchange(post("/v1/tasks/task_1/answer", {"outcome": "approved"})))
    assert len(script.requests) == 1


def test_what_is_overloaded_for_long_is_told() -> None:
    with pytest.raises(Overloaded):
        Script(refuses(503, "overloaded", retry_after="1")).play(exchange(get("/v1/me")))


def test_a_reason_is_told_in_words() -> None:
    with pytest.raises(Unreachable, match="ReadTimeout"):
        document_of(NoAnswer(reason="ReadTimeout"))
