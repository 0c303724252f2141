"""Where an intent comes from, and what is kept of it: said when it is submitted, on record after.

Nothing here changes what is allowed; it is what an auditor asks for years later.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What produced the request.

    :param prompt_digest: SHA-256 of the prompt template, as ``sha256:<hex>``.
    :param trace_id: the caller's own trace or correlation id.
    :param purpose: what the agent does this for, in a word (``refund``, ``access``).
    """

    agent_version: str | None = None
    agent_class: str | None = None
    framework: str | None = None
    model_provider: str | None = None
    model_name: str | None = None
    model_version: str | None = None
    prompt_digest: str | None = None
    trace_id: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """How the data of an intent is to be kept.

    :param subject: whose data it is, by any stable reference (``customer:cus_123``); erasable.
    :param categories: kinds of data in it (``contact``, ``payment``).
    :param retention_class: by whose rule it is erased; the workspace's settings say when.
    """

    subject: str | None = None
    categories: tuple[str, ...] = ()
    retention_class: str | None = None
