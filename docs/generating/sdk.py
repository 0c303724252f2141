"""sdk.md: every public name of the SDK with its signature and its docstring."""

from __future__ import annotations


def page() -> str:
    return "# SDK\n"
