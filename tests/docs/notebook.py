"""Runs the Python blocks of one page in one namespace, in a process of its own.

``await`` is allowed at the top, as in ``python -m asyncio``. ``Notebook`` starts this very file as
a program: it reads one JSON document a line (``code``, ``env``, ``name``) and answers each with one
(``out``, ``error``).
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping
from inspect import CO_COROUTINE
from pathlib import Path
from types import FunctionType
from typing import Any


class Notebook:
    """The Python of one page, from the outside."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, code: str, *, env: Mapping[str, str], name: str) -> str:
        """Run one block and return what it printed.

        :raises AssertionError: it raised; the message is the traceback.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"code": code, "env": env, "name": name}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"error": "Python ended"}')
        assert answer["error"] is None, answer["error"]
        return str(answer["out"])

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


async def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        os.environ.update(asked["env"])
        said = io.StringIO()
        error = None
        with contextlib.redirect_stdout(said):
            try:
                await execute(asked["code"], asked["name"], namespace)
            except BaseException:
                error = traceback.format_exc()
        answers.write(json.dumps({"out": said.getvalue(), "error": error}) + "\n")
        answers.flush()


async def execute(code: str, name: str, namespace: dict[str, Any]) -> None:
    compiled = compile(code, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    ran = FunctionType(compiled, namespace)()
    if compiled.co_flags & CO_COROUTINE:
        await ran


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    asyncio.run(main())
