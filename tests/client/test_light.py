"""``import signoff`` is light: it loads nothing of the server, and costs next to nothing."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

import signoff

HEAVY = {
    "aiosqlite", "apsw", "asyncpg", "fastapi", "jinja2", "jsonschema_rs", "msgspec", "pydantic",
    "rich", "starlette", "structlog", "typer", "uvicorn",
}  # fmt: skip
RUNS = 10
BOUND_SECONDS = 0.150


def loaded_by(code: str) -> set[str]:
    program = f"import sys\n{code}\nimport json\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout))


def seconds_of(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    return time.perf_counter() - began


def test_importing_the_package_loads_no_http_client() -> None:
    modules = loaded_by("import signoff, signoff.errors")
    assert "httpx2" not in modules
    assert "asyncio" not in modules


def test_using_the_sdk_loads_nothing_of_the_server() -> None:
    modules = loaded_by("import signoff\nfor name in signoff.__all__: getattr(signoff, name)")
    assert "httpx2" in modules
    assert HEAVY.isdisjoint(module.partition(".")[0] for module in modules)
    rings = {name.split(".")[1] for name in modules if name.startswith("signoff.")}
    assert rings == {"client", "errors"}


def test_importing_the_package_is_quick() -> None:
    bare, ours = [], []
    for _ in range(RUNS):
        bare.append(seconds_of("pass"))
        ours.append(seconds_of("import signoff"))
    assert statistics.median(ours) - statistics.median(bare) < BOUND_SECONDS


def test_every_public_name_is_there_and_no_other() -> None:
    for name in signoff.__all__:
        assert getattr(signoff, name) is not None
    assert set(signoff.__all__) <= set(dir(signoff))
    assert not hasattr(signoff, "no_such_name")
