"""A path and what answers on it, method by method. A method it does not take is told which it does.

Starlette matches a path and a method together and answers a wrong one with the methods of the
first route only; here all methods of a path are one route.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NoReturn

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from signoff.errors import WrongMethod


class Resource:
    """One path as an ASGI application. ``path`` is its template, which metrics are named by."""

    __slots__ = ("_by_method", "path")

    def __init__(self, path: str, by_method: Mapping[str, ASGIApp]) -> None:
        self.path = path
        self._by_method = dict(by_method)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._by_method.get(scope["method"])
        if app is None:
            self._refuse(scope["method"])
        await app(scope, receive, send)

    def _refuse(self, method: str) -> NoReturn:
        allowed = ", ".join(sorted(self._by_method))
        raise WrongMethod(
            f"{method[:20]} is not possible here; use {allowed}", about={"allow": allowed}
        )


def routes(by_path: Mapping[str, Mapping[str, ASGIApp]]) -> list[BaseRoute]:
    """One route for each path."""
    return [Route(path, Resource(path, by_method)) for path, by_method in by_path.items()]


def gathered(found: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Bring the routes of one path together, whatever made them."""
    by_path: dict[str, dict[str, ASGIApp]] = {}
    others: list[BaseRoute] = []
    for route in found:
        if isinstance(route, Route) and route.methods:
            by_method = by_path.setdefault(route.path, {})
            by_method.update(dict.fromkeys(route.methods, route.app))
        else:
            others.append(route)
    return [*routes(by_path), *others]
