"""A browser without JavaScript: it opens pages, fills in forms by their labels, presses buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2

from tests.inbox.dom import Node, parse, successful

if TYPE_CHECKING:
    from starlette.types import ASGIApp

ORIGIN = "http://inbox.test"
FORM = "application/x-www-form-urlencoded"


def strange_scripts(root: Node) -> list[Node]:
    """The scripts of a page that are anything but a file of ours."""
    ours = "/inbox/static/"
    return [
        each
        for each in root.all("script")
        if each.raw.strip() or not each.attrs.get("src", "").startswith(ours)
    ]


class Page:
    """One page as it came, and what a person has put into its forms so far."""

    def __init__(self, response: httpx2.Response, url: str) -> None:
        self.response = response
        self.status = response.status_code
        self.url = url
        self.html = response.text
        self.root = parse(self.html) if "html" in response.headers["content-type"] else Node("")
        self._typed: dict[int, str] = {}

    @property
    def text(self) -> str:
        return self.root.one("main").text

    @property
    def heading(self) -> str:
        return self.root.one("h1").text

    @property
    def alerts(self) -> list[str]:
        return [node.text for node in self.root.all(role="alert")]

    @property
    def strange_scripts(self) -> list[Node]:
        return strange_scripts(self.root)

    def section(self, heading_id: str) -> Node:
        """The section that a heading names."""
        return self.root.one(
            "section", lambda each: each.attrs.get("aria-labelledby") == heading_id
        )

    def button(self, label: str) -> Node:
        return self.root.one("button", when=lambda node: node.text == label)

    def buttons(self) -> list[str]:
        return [node.text for node in self.root.all("button") if "trap" not in node.classes]

    def control(self, label: str) -> Node:
        """The control a label names, by the beginning of the label's text."""
        for node in self.root.all("label"):
            if node.text.startswith(label):
                inside = node.all(when=lambda each: each.tag in ("input", "select", "textarea"))
                return inside[0] if inside else self.root.by_id(node.attrs["for"])
        raise AssertionError(f"no label starts with {label!r}")

    def fill(self, label: str, text: str) -> Page:
        self._typed[id(self.control(label))] = text
        return self

    def tick(self, label: str, *, on: bool = True) -> Page:
        """Tick a box, or pick a radio button, which unpicks its neighbours."""
        chosen = self.control(label)
        if chosen.attrs["type"] == "radio":
            form = chosen.within("form")
            assert form is not None
            for other in form.all("input", name=chosen.attrs["name"]):
                self._typed[id(other)] = "off"
        self._typed[id(chosen)] = "on" if on else "off"
        return self

    def choose(self, label: str, option: str) -> Page:
        select = self.control(label)
        found = select.one("option", when=lambda node: node.text == option)
        self._typed[id(select)] = found.attrs["value"]
        return self

    def shown_in(self, label: str) -> str:
        """What stands in a control as the page shows it."""
        node = self.control(label)
        return node.raw.removeprefix("\n") if node.tag == "textarea" else node.attrs["value"]

    def sent_by(self, button: str) -> tuple[str, list[tuple[str, str]]]:
        """Where pressing a button sends what: the address and the pairs."""
        pressed = self.button(button)
        form = pressed.within("form")
        assert form is not None
        assert form.attrs["method"] == "post"
        action = pressed.attrs.get("formaction") or form.attrs["action"]
        return urljoin(self.url, action), successful(form, pressed, self._typed)

    def sent_with(self, node: Node) -> list[tuple[str, str]]:
        """What the form around a node holds, as a script sends it; no button was pressed."""
        form = node.within("form")
        assert form is not None
        return successful(form, None, self._typed)


class Browser:
    """One person's browser: cookies, and the headers that browsers add by themselves."""

    def __init__(self, app: ASGIApp, *, origin: str = ORIGIN) -> None:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
        self.client = httpx2.AsyncClient(transport=transport, base_url=origin)

    async def open(self, path: str) -> Page:
        """Type an address, or follow a link, and follow redirects."""
        return await self._followed(await self.client.get(path), path)

    async def press(self, page: Page, button: str) -> Page:
        url, pairs = page.sent_by(button)
        return await self.post(url, pairs)

    async def post(
        self,
        url: str,
        pairs: list[tuple[str, str]],
        *,
        headers: dict[str, str] | None = None,
    ) -> Page:
        """Send a form as a browser does from one of our own pages."""
        sent = {"content-type": FORM, "origin": "null", "sec-fetch-site": "same-origin"}
        body = urlencode(pairs).encode()
        path = urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl()
        response = await self.client.post(path, content=body, headers={**sent, **(headers or {})})
        return await self._followed(response, path)

    async def _followed(self, response: httpx2.Response, path: str) -> Page:
        while response.is_redirect:
            path = response.headers["location"]
            assert path.startswith("/"), f"a redirect leaves the site: {path}"
            response = await self.client.get(path)
        return Page(response, urljoin(ORIGIN, path))
