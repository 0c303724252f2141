"""What the pages of the inbox cost with many open tasks: to the first byte, and in bytes.

A person signs in as people do, with a cookie. The first byte comes with the last here: a page is
sent once it is whole. Beside them stands what reads nothing, the limit of this server.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from bench.figures import percentile
from bench.served import Served
from tests.processes import Administrator

PERSON = "approver@bench.test"
NOTHING = "nothing"
_TASK = re.compile(r'href="(/inbox/tasks/[^"]+)"')
_ASSET = re.compile(r'(?:href|src)="(/inbox/static/[^"]+\.(?:css|js))"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds to the first byte, each time it was asked for, and bytes as they were sent.

    :param files: the bytes of the styles and scripts it asks for, which are kept for ever.
    """

    seconds: list[float]
    size: int
    files: int = 0

    @property
    def p95(self) -> float:
        """Milliseconds."""
        return percentile(self.seconds, 0.95)


class Reader:
    """Somebody in front of their inbox."""

    def __init__(self, served: Served, admin_key: str) -> None:
        admin = Administrator(served.url, admin_key)
        url = admin.post(f"/v1/people/{PERSON}/sign-in-link", {})["url"]
        admin.close()
        self._client = httpx2.Client(base_url=served.url, headers={"accept-encoding": "identity"})
        self._sign_in(str(url))

    def _sign_in(self, url: str) -> None:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}"
        page = self._client.get(path).text
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        answered = self._client.post("/sign-in", data=fields, headers={"origin": "null"})
        if not answered.headers.get("location", "").startswith("/inbox"):
            raise RuntimeError(f"nobody is signed in: {answered.status_code}")

    def close(self) -> None:
        self._client.close()

    def first_task(self) -> str:
        """The address of the first task of the list."""
        found = _TASK.search(self._client.get("/inbox").text)
        if found is None:
            raise RuntimeError("the list is empty")
        return found[1]

    def cost(self, path: str, *, times: int) -> Cost:
        """Ask for a page so many times, one after the other."""
        seconds, body = [], ""
        for number in range(times + 3):
            began = time.perf_counter()
            with self._client.stream("GET", path) as answer:
                parts = answer.iter_raw()
                first = next(parts)
                took = time.perf_counter() - began
                body = (first + b"".join(parts)).decode()
            if answer.status_code != httpx2.codes.OK:
                raise RuntimeError(f"{path} answered {answer.status_code}")
            if number >= 3:
                seconds.append(took)
        files = sum(len(self._client.get(each).content) for each in {*_ASSET.findall(body)})
        return Cost(seconds=seconds, size=len(body.encode()), files=files)


def measure(served: Served, admin_key: str, *, times: int) -> dict[str, Cost]:
    """What each page costs."""
    reader = Reader(served, admin_key)
    try:
        pages = {
            NOTHING: "/health/live",
            "list": "/inbox",
            "list, newest first": "/inbox?sort=newest",
            "list, highest risk first": "/inbox?sort=risk",
            "list, searched, one found": "/inbox?q=refund+4999%3F",
            "list, narrowed": "/inbox?risk=medium&type=approval&due=soon",
            "task page": reader.first_task(),
        }
        return {name: reader.cost(path, times=times) for name, path in pages.items()}
    finally:
        reader.close()
