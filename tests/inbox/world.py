"""A small Signoff for the tests of the inbox: a store, the door, people, and a browser."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from starlette.applications import Starlette
from starlette.testclient import TestClient

from signoff.core.asking import AskRequest
from signoff.core.commands import ReviseTask, SubmitIntent
from signoff.core.routing import Actor, Person
from signoff.core.task import Task
from signoff.core.words import ActorKind, IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.ports import PersonRow
from signoff.server.inbox import new_sign_in_url, routes
from tests.inbox.stub import StubDoor, StubStore
