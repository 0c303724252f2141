"""The line to the server: JSON documents over HTTP, refusals as the errors they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import httpx2
import typer

from signoff.errors import Broken, CallerError, FieldError, SignoffError, Unreachable, by_code

Document = dict[str, Any]

PATIENCE = httpx2.Timeout(75.0, connect=5.0)
"""Longer than the longest long poll."""

_PAGE = 100


class Connection:
    """One server, one key. Every method is one request and returns the document it answers.

    :raises SignoffError: from every method: what the server refused, or ``Unreachable``.
    """

    def __init__(self, url: str, key: str | None, *, patience: httpx2.Timeout = PATIENCE) -> None:
        if not key:
            raise typer.BadParameter("no key: set SIGNOFF_KEY or pass --key")
        try:
            self._http = httpx2.Client(
                base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=patience
            )
        except (httpx2.InvalidURL, ValueError):
            raise typer.BadParameter(f"--url {url} is no URL") from None
        self.url = url

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Document:
        given = {name: value for name, value in query.items() if value is not None}
        return self._send("GET", path, params=given)

    def post(
        self, path: str, body: Document | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Document:
        return self._send("POST", path, json=body or {}, headers=headers)

    def patch(self, path: str, body: Document) -> Document:
        return self._send("PATCH", path, json=body)

    def put(self, path: str, body: Document) -> Document:
        return self._send("PUT", path, json=body)

    def delete(self, path: str) -> Document:
        return self._send("DELETE", path)

    def download(self, path: str, **query: Any) -> Iterator[bytes]:
        """What is no document, in pieces."""
        given = {name: value for name, value in query.items() if value is not None}
        with self._answering(), self._http.stream("GET", path, params=given) as response:
            if not response.is_success:
                response.read()
                raise _refusal(response, self.url)
            yield from response.iter_bytes()

    def pages(self, path: str, collection: str, *, limit: int, **query: Any) -> list[Document]:
        """Gather up to ``limit`` rows of a collection, page by page."""
        rows: list[Document] = []
        before: str | None = None
        while len(rows) < limit:
            size = min(_PAGE, limit - len(rows))
            page = self.get(path, limit=size, before=before, **query)
            rows += page[collection]
            before = page.get("next")
            if before is None:
                break
        return rows

    def events(self, intent_id: str, *, after: int = 0, wait: int = 0) -> Iterator[Document]:
        """Events there are after ``after``; with ``wait``, wait so many seconds for the first."""
        while True:
            page = self.get(f"/v1/intents/{intent_id}/events", after=after, limit=100, wait=wait)
            yield from page["events"]
            if len(page["events"]) < 100:
                return
            after, wait = page["events"][-1]["seq"], 0

    def _send(self, method: str, path: str, **arguments: Any) -> Document:
        with self._answering():
            response = self._http.request(method, path, **arguments)
        if response.is_success:
            return _document(response, self.url)
        raise _refusal(response, self.url)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """What goes wrong on the line, in words.

        :raises Unreachable: no answer, or not all of it.
        :raises typer.BadParameter: the address leads nowhere.
        """
        try:
            yield
        except httpx2.UnsupportedProtocol:
            raise typer.BadParameter(f"--url {self.url} must start with http://") from None
        except httpx2.TransportError as error:
            reason = type(error).__name__
            raise Unreachable(f"no answer from {self.url} ({reason})") from None


def _document(response: httpx2.Response, url: str) -> Document:
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Broken(f"{url} does not answer like a Signoff server")
    return found


def _refusal(response: httpx2.Response, url: str) -> SignoffError:
    """The error a problem document names; where there is none, one by its status."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {}
    fallback = Broken if response.status_code >= 500 else CallerError
    kind = by_code().get(str(problem.get("code")), fallback)
    message = problem.get("detail") or problem.get("title")
    return kind(
        str(message or f"{url} answered {response.status_code}"),
        errors=[
            FieldError(str(wrong.get("field", "")), str(wrong.get("message", "")))
            for wrong in problem.get("errors") or ()
        ],
        about=problem.get("about"),
    )
