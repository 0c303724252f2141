"""A gate in front of a function: people see the arguments, may edit them, and those are what runs.

    @signoff.requires_human(assignee="role:approver", title="Refund {amount} to {customer}?")
    async def refund(customer: str, amount: int) -> str: ...

Inside a run the question belongs to the run, and the call is a step of it: it is made once, ever.
Outside of one, give a ``key`` that tells the calls apart, so that a restart asks nobody twice.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, ParamSpec, TypeVar, Unpack, cast, get_type_hints

from signoff.client._async import Client
from signoff.client._default import default_client
from signoff.client._json import JSON, restore, to_json
from signoff.client._questions import AskFields, Question, question
from signoff.client._sync import SyncClient
from signoff.client.results import Approval, rejected
from signoff.client.run import Run, SyncRun, current
from signoff.errors import InvalidInput

P = ParamSpec("P")
T = TypeVar("T")

_SELF = frozenset({"self", "cls"})
_JSON_TYPES: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def requires_human(
    *,
    editable: bool | Sequence[str] = False,
    hidden: Sequence[str] = (),
    client: Client | SyncClient | None = None,
    **fields: Unpack[AskFields],
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a function run only once a person has approved its arguments.

    Works for plain and for async functions. ``title`` and ``key`` are templates over the shown
    arguments, such as ``"refund-{order_id}"``.

    :param editable: whether the person may edit the arguments, or which of them.
    :param hidden: arguments that people are not shown, such as a database connection; nothing
        that the decision depends on.
    :param client: who asks outside of a run; by default a client from the environment.
    :raises Rejected: from the call: the person said no, and the function did not run.
    :raises TaskExpired: from the call, as from ``wait_for_human``.
    """

    def guard(function: Callable[P, T]) -> Callable[P, T]:
        gate = _Gate(function, editable, frozenset({*hidden, *_SELF}), fields)
        if inspect.iscoroutinefunction(function):
            return cast(Callable[P, T], _async_guard(function, gate, client))
        return _sync_guard(function, gate, client)

    return guard


def _async_guard(
    function: Callable[P, Awaitable[T]], gate: _Gate, client: Client | SyncClient | None
) -> Callable[P, Awaitable[T]]:
    if isinstance(client, SyncClient):
        raise TypeError("an async function needs a signoff.Client to ask with")

    @functools.wraps(function)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        bound = gate.bind(args, kwargs)
        asked = gate.question(bound)
        run = current.get()
        if isinstance(run, Run):
            gate.approve(bound, await run.ask(asked))
            return await run.step(gate.name, function, *bound.args, **bound.kwargs)
        if client is not None:
            gate.approve(bound, await client.ask(asked))
        else:
            async with default_client() as default:
                gate.approve(bound, await default.ask(asked))
        return await function(*bound.args, **bound.kwargs)

    return guarded


def _sync_guard(
    function: Callable[P, T], gate: _Gate, client: Client | SyncClient | None
) -> Callable[P, T]:
    if isinstance(client, Client):
        raise TypeError("a plain function needs a signoff.SyncClient to ask with")

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        bound = gate.bind(args, kwargs)
        asked = gate.question(bound)
        run = current.get()
        if isinstance(run, SyncRun):
            gate.approve(bound, run.ask(asked))
            return cast(T, run.step(gate.name, function, *bound.args, **bound.kwargs))
        if client is not None:
            gate.approve(bound, client.ask(asked))
        else:
            with SyncClient() as default:
                gate.approve(bound, default.ask(asked))
        return function(*bound.args, **bound.kwargs)

    return guarded


class _Gate:
    """What a guard knows of its function: how to show a call, and how to take an edited one."""

    def __init__(
        self,
        function: Callable[..., object],
        editable: bool | Sequence[str],
        hidden: frozenset[str],
        fields: AskFields,
    ) -> None:
        self.name = function.__name__
        self._signature = inspect.signature(function)
        self._hints = _hints(function)
        self._editable = editable
        self._hidden = hidden
        self._fields = fields
        self._require_parameters(editable if not isinstance(editable, bool) else ())

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> inspect.BoundArguments:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound

    def question(self, bound: inspect.BoundArguments) -> Question[Approval]:
        """The approval of exactly this call."""
        shown = self._shown(bound)
        action: dict[str, object] = {"name": self.name, "arguments": shown}
        if self._editable:
            action["schema"] = self._schema(shown)
        given: dict[str, Any] = {**self._fields, "action": action, "editable": bool(self._editable)}
        for template in ("title", "key"):
            if given.get(template) is not None:
                given[template] = str(given[template]).format(**shown)
        return question("approval", given)

    def approve(self, bound: inspect.BoundArguments, decision: Approval) -> None:
        """Put what was approved into the call.

        :raises Rejected: nothing was approved.
        """
        if not decision:
            raise rejected(decision)
        shown = self._shown(bound)
        if decision.arguments.keys() != shown.keys():
            raise InvalidInput(
                f"{self.name}() was approved with arguments other than its own; it did not run",
                about={"task_id": decision.task_id},
            )
        for name, approved in decision.arguments.items():
            if approved != shown[name]:
                bound.arguments[name] = self._typed(name, approved)

    def _shown(self, bound: inspect.BoundArguments) -> dict[str, JSON]:
        return {
            name: to_json(value, field=name)
            for name, value in bound.arguments.items()
            if name not in self._hidden
        }

    def _schema(self, shown: Mapping[str, JSON]) -> dict[str, object]:
        """What an edit may be: the same arguments, of the same types; some stay as they are."""
        return {
            "type": "object",
            "properties": {name: self._argument(name, value) for name, value in shown.items()},
            "required": list(shown),
            "additionalProperties": False,
        }

    def _argument(self, name: str, value: JSON) -> dict[str, object]:
        if not isinstance(self._editable, bool) and name not in self._editable:
            return {"const": value}
        declared = _JSON_TYPES.get(self._hints.get(name, object))
        found = declared or _JSON_TYPES.get(type(value))
        return {"type": found} if found else {}

    def _typed(self, name: str, value: object) -> object:
        """An edited argument as the function expects it."""
        wanted = self._hints.get(name)
        if not isinstance(wanted, type) or wanted in _JSON_TYPES or isinstance(value, wanted):
            return value
        if wanted is Decimal:
            try:
                return Decimal(str(value))
            except InvalidOperation:
                raise InvalidInput(f"{name}: {value!r} is no decimal number") from None
        return restore(value, wanted, field=name)

    def _require_parameters(self, names: Sequence[str]) -> None:
        strange = [name for name in names if name not in self._signature.parameters]
        if strange:
            raise TypeError(f"{self.name}() has no argument {strange[0]!r} that could be edited")


def _hints(function: Callable[..., object]) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except (NameError, TypeError):
        return {}
