"""The server's log: events with fields, one line each, through the standard library's logging.

JSON where a program reads it, plain text on a terminal. Never log a secret, a person or a payload.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any


class Log:
    """A named log. ``event`` is a word for what happened; the fields say what there is to know."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, **fields: object) -> None:
        self._logger.info(event, extra={"fields": fields})

    def warning(self, event: str, **fields: object) -> None:
        self._logger.warning(event, extra={"fields": fields})

    def error(self, event: str, **fields: object) -> None:
        self._logger.error(event, extra={"fields": fields})

    def exception(self, event: str, **fields: object) -> None:
        """An error with the trace of the exception being handled."""
        self._logger.exception(event, extra={"fields": fields})


def configure(level: str) -> None:
    """Log to standard error. ``level``: ``debug``, ``info``, ``warning`` or ``error``.

    Libraries are heard from ``warning`` on, whatever the level.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Plain() if sys.stderr.isatty() else _Json())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("signoff").setLevel(level.upper())


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_facts(record) | self._trace(record), default=str)

    def _trace(self, record: logging.LogRecord) -> dict[str, str]:
        return {"trace": self.formatException(record.exc_info)} if record.exc_info else {}


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        words = [str(facts.pop(name)) for name in ("at", "level", "event")]
        line = " ".join(words + [f"{name}={value}" for name, value in facts.items()])
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    named = {
        "at": at.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "event": record.getMessage(),
        "log": record.name,
    }
    return named | getattr(record, "fields", {})
