"""One POST to somebody who may be slow, broken or hostile: bounded in time and in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from signoff.errors import Broken, InvalidInput

PATIENCE = httpx2.Timeout(20.0, connect=10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back. ``media_type`` is lower case and without parameters."""

    status: int
    media_type: str
    body: bytes


async def post(url: str, body: bytes, *, media_type: str, at_most: int) -> Reply:
    """Send the body, follow nothing, read so many bytes and no more.

    :raises Broken: nothing usable came back; the message does not repeat the address, which may
        hold a password.
    """
    headers = {"Content-Type": media_type, "Accept-Encoding": "identity"}
    try:
        async with (
            httpx2.AsyncClient(timeout=PATIENCE, follow_redirects=False) as client,
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            read = bytearray()
            async for chunk in response.aiter_raw():
                read += chunk
                if len(read) > at_most:
                    raise Broken(f"it answered with more than {at_most} bytes")
            said = response.headers.get("Content-Type", "")
            media = said.partition(";")[0].strip().lower()
            return Reply(status=response.status_code, media_type=media, body=bytes(read))
    except httpx2.TimeoutException:
        raise Broken("it did not answer in time") from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Broken(f"it cannot be reached: {type(error).__name__}") from None


def shown(url: str, *, setting: str) -> str:
    """The address as it may be shown: without user, password and query.

    :raises InvalidInput: it is no address of HTTP; the setting is named.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f"SIGNOFF_{setting.upper()} cannot be used: no URL that starts with http"
        raise InvalidInput.at(setting, message)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"
