"""Sends one message to one endpoint: to the address that was judged, without following anything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from signoff.channels.guard import Allowed, Forbidden, Target, resolve

if TYPE_CHECKING:
    import httpx2

SECONDS = 15.0
_GONE = 410
_WAIT = frozenset({429, 503})
_MOST_READ = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of an attempt.

    :param status: the HTTP status, where there was an answer.
    :param detail: in words that hold nothing of the address or the answer.
    :param seconds: how long the endpoint asks to be left alone.
    """

    status: int | None
    detail: str | None
    milliseconds: int
    seconds: float | None = None

    @property
    def got_through(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The endpoint says that it wants nothing any more."""
        return self.status == _GONE


class Poster:
    """Posts to endpoints.

    :param inside: what is allowed beside public addresses.
    """

    def __init__(self, inside: Allowed) -> None:
        self._inside = inside

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send a message and say what came of it; raises nothing for the endpoint's sake."""
        import httpx2

        began = time.perf_counter()
        status, detail, seconds = None, None, None
        try:
            async with asyncio.timeout(SECONDS):
                status, seconds = await self._post(url, body, headers)
        except TimeoutError:
            detail = f"no answer within {SECONDS:.0f} seconds"
        except Forbidden as error:
            detail = str(error)
        except httpx2.HTTPError as error:
            detail = f"no answer: {type(error).__name__}"
        except (OSError, ValueError) as error:
            detail = f"it cannot be reached: {type(error).__name__}"
        if status is not None and not 200 <= status < 300:
            detail = _said(status)
        spent = round((time.perf_counter() - began) * 1000)
        return Answered(status=status, detail=detail, milliseconds=spent, seconds=seconds)

    async def _post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, float | None]:
        import httpx2

        target = await resolve(url, self._inside)
        async with httpx2.AsyncClient(
            follow_redirects=False, timeout=SECONDS, trust_env=False
        ) as client:
            request = client.build_request(
                "POST",
                _pinned(url, target),
                content=body,
                headers={**headers, "host": _host(target)},
                extensions={"sni_hostname": target.host},
            )
            response = await client.send(request, stream=True)
            try:
                await _read_a_little(response)
            finally:
                await response.aclose()
        wait = response.headers.get("retry-after") if response.status_code in _WAIT else None
        return response.status_code, _seconds(wait)


async def _read_a_little(response: httpx2.Response) -> None:
    """Take note of the answer's end where it comes soon; what it says does not matter."""
    size = 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > _MOST_READ:
            return


def _pinned(url: str, target: Target) -> str:
    """The address with the number in the place of the name."""
    parts = urlsplit(url)
    number = f"[{target.address}]" if ":" in target.address else target.address
    return parts._replace(netloc=f"{number}:{target.port}").geturl()


def _host(target: Target) -> str:
    named = f"[{target.host}]" if ":" in target.host else target.host
    usual = {"http": 80, "https": 443}[target.scheme]
    return named if target.port == usual else f"{named}:{target.port}"


def _said(status: int) -> str:
    if 300 <= status < 400:
        return f"it answered {status}; redirects are not followed"
    return f"it answered {status}"


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
