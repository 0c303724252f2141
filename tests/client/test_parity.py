"""The async and the sync half of the SDK have the same names and take the same arguments."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import signoff
from signoff.client import _default
from signoff.client._asks_async import AsyncAsks
from signoff.client._asks_sync import SyncAsks
from signoff.client._questions import FIELDS

TWINS = [
    (signoff.Client, signoff.SyncClient),
    (signoff.Run, signoff.SyncRun),
    (AsyncAsks, SyncAsks),
]
RENAMED = {"__aenter__": "__enter__", "__aexit__": "__exit__"}


def methods(cls: type) -> dict[str, Any]:
    found = inspect.getmembers(cls, inspect.isfunction)
    return {
        RENAMED.get(name, name): function
        for name, function in found
        if not name.startswith("_") or name in ("__init__", *RENAMED, *RENAMED.values())
    }


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    found = inspect.signature(function).parameters.values()
    return [(each.name, each.kind, each.default) for each in found]


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_both_have_the_same_methods_with_the_same_arguments(one: type, other: type) -> None:
    ours, theirs = methods(one), methods(other)
    assert ours.keys() == theirs.keys()
    for name, function in ours.items():
        assert parameters(function) == parameters(theirs[name]), name


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_only_the_async_one_is_awaited(one: type, other: type) -> None:
    for name, function in methods(one).items():
        waits = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
        assert waits or name in ("__init__", "run"), name
    for name, function in methods(other).items():
        assert not inspect.iscoroutinefunction(function), name


def test_every_public_method_says_what_it_does() -> None:
    for pair in TWINS:
        for cls in pair:
            for name, function in methods(cls).items():
                assert function.__doc__ or name.startswith("__"), f"{cls.__name__}.{name}"


def test_there_is_a_method_for_each_type_of_task() -> None:
    for name in FIELDS:
        assert callable(getattr(signoff.Client, name))
        assert callable(getattr(signoff.Run, name))


def test_the_one_line_takes_what_the_method_takes() -> None:
    method = parameters(signoff.Client.wait_for_human)[1:]
    assert parameters(_default.wait_for_human) == method
