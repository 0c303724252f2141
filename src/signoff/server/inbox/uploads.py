"""Reading a form that carries a file: small, strict, and into memory alone."""

from __future__ import annotations

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP

from starlette.requests import Request

from signoff.errors import InvalidInput
from signoff.server.inbox.fields import Posted, one_newline
from signoff.server.inbox.session import read_body

MAX_PARTS = 20
_FORM = "multipart/form-data"


async def read_upload(request: Request, file: str) -> tuple[Posted, str]:
    """Read a posted form and the text of its one file.

    :param file: the name of the field that holds the file.
    :raises InvalidInput: no such form, not UTF-8, or it holds a NUL.
    :raises TooLarge: it is longer than any form may be.
    """
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != _FORM:
        raise InvalidInput(f"a form with a file must be sent as {_FORM}")
    parts = _parts(kind, await read_body(request))
    found: dict[str, list[str]] = {}
    text = ""
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        said = _text(part)
        if not isinstance(name, str):
            raise InvalidInput("a part of the form has no name")
        if name == file:
            text = said
        else:
            found.setdefault(name, []).append(one_newline(said))
    return found, text


def _parts(kind: str, body: bytes) -> list[EmailMessage]:
    """The parts of a multipart body; a body is read as the message it is (RFC 7578)."""
    try:
        head = f"Content-Type: {kind}\r\n\r\n".encode("ascii")
        message = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body)
    except (UnicodeEncodeError, ValueError):
        raise InvalidInput("the form cannot be read") from None
    parts = [part for part in message.iter_parts() if isinstance(part, EmailMessage)]
    if not message.is_multipart() or message.defects or len(parts) > MAX_PARTS:
        raise InvalidInput("the form cannot be read")
    return parts


def _text(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise InvalidInput("a part of the form holds other parts")
    try:
        text = payload.decode()
    except UnicodeError:
        raise InvalidInput("the form is not UTF-8") from None
    if "\x00" in text:
        raise InvalidInput("the form holds a NUL character")
    return text.removeprefix("\ufeff")
