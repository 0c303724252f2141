"""A timestamp is for this checkpoint and answers this request, or it is a failure."""

from __future__ import annotations

import base64
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificate
from rfc3161_client import VerifierBuilder, decode_timestamp_response
from starlette.responses import Response

from signoff.anchors.timestamp import TimestampAnchor
from signoff.errors import Broken, InvalidInput
from tests.anchors import tsa
from tests.anchors.logs import WrittenLog
from tests.anchors.serving import answering, endless, listening, served, silent

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
RECORDED = Path(__file__).parent / "recorded"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tsa.Authority:
    return tsa.made(tmp_path_factory.mktemp("tsa"))


def replying(answer: Callable[[bytes], bytes], status: int = 200) -> Callable[[bytes], Response]:
    return lambda query: Response(answer(query), status, media_type="application/timestamp-reply")


async def refused(answer: Callable[[bytes], Response]) -> str:
    async with served(answering(answer)) as url:
        with pytest.raises(Broken) as raised:
            await TimestampAnchor(url).anchor(WrittenLog(2).point())
    return raised.value.message


@needs_openssl
async def test_the_token_verifies_with_the_certificate_of_the_authority(
    authority: tsa.Authority,
) -> None:
    point = WrittenLog(2).point()
    async with served(answering(replying(authority.answer))) as url:
        evidence = await TimestampAnchor(url).anchor(point)
    response = decode_timestamp_response(base64.b64decode(evidence))
    root = load_pem_x509_certificate(authority.root)
    verifier = VerifierBuilder().add_root_certificate(root).build()
    assert verifier.verify_message(response, point.checkpoint.encode())


def test_a_recorded_token_still_verifies() -> None:
    response = decode_timestamp_response((RECORDED / "checkpoint.tsr").read_bytes())
    root = load_pem_x509_certificate((RECORDED / "root.pem").read_bytes())
    verifier = VerifierBuilder().add_root_certificate(root).build()
    assert verifier.verify_message(response, (RECORDED / "checkpoint").read_bytes())


async def test_a_token_for_something_else_is_refused() -> None:
    recorded = (RECORDED / "checkpoint.tsr").read_bytes()
    assert "something else" in await refused(replying(lambda query: recorded))


@needs_openssl
async def test_a_token_that_answers_an_earlier_request_is_refused(
    authority: tsa.Authority,
) -> None:
    """The same checkpoint was stamped once; giving that out again proves nothing about now."""
    point, answers = WrittenLog(2).point(), list[bytes]()

    def first_answer(query: bytes) -> bytes:
        answers.append(authority.answer(query))
        return answers[0]

    async with served(answering(replying(first_answer))) as url:
        await TimestampAnchor(url).anchor(point)
        with pytest.raises(Broken, match="nonce"):
            await TimestampAnchor(url).anchor(point)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (replying(lambda query: b"no DER"), "no RFC 3161 response"),
        (replying(lambda query: b""), "no RFC 3161 response"),
        (replying(lambda query: query), "no RFC 3161 response"),
        # SEQUENCE { SEQUENCE { INTEGER 2 } }: a rejection, without a token
        (replying(lambda query: bytes.fromhex("30053003020102")), "refused with status 2"),
        # the same with status 0: granted, and nothing in it
        (replying(lambda query: bytes.fromhex("30053003020100")), "without a readable token"),
        (replying(lambda query: b"", 503), "HTTP 503"),
        (lambda query: Response(status_code=302, headers={"Location": "/"}), "HTTP 302"),
        (replying(lambda query: b"x" * 1_000_000), "more than 262144 bytes"),
    ],
)
async def test_whatever_else_comes_back_is_a_failure(
    answer: Callable[[bytes], Response], says: str
) -> None:
    assert says in await refused(answer)


async def test_a_body_without_an_end_is_a_failure() -> None:
    async with listening(endless) as port:
        with pytest.raises(Broken, match="more than"):
            await TimestampAnchor(f"http://127.0.0.1:{port}").anchor(WrittenLog(1).point())


async def test_an_authority_that_is_not_there_is_a_failure() -> None:
    async with listening(silent) as port:
        pass
    with pytest.raises(Broken, match="cannot be reached"):
        await TimestampAnchor(f"http://127.0.0.1:{port}").anchor(WrittenLog(1).point())


async def test_without_the_library_the_error_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(Broken, match=r'pip install "signoff\[timestamps\]"'):
        await TimestampAnchor("http://127.0.0.1:1").anchor(WrittenLog(1).point())


def test_the_name_shows_no_password() -> None:
    assert TimestampAnchor("https://u:s3cret@tsa.test/x?key=1").name == "https://tsa.test/x"
    with pytest.raises(InvalidInput, match="SIGNOFF_ANCHOR_TIMESTAMP"):
        TimestampAnchor("ftp://tsa.test")
