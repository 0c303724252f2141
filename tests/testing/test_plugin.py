"""What pytest gives to whoever has Signoff installed, and what it costs those who do not use it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ("pytester",)

SUITE = """
import os
import signoff


async def agent():
    decision = await signoff.wait_for_human(title="Refund?", assignee="mgr@acme.test")
    return decision.outcome


async def test_an_agent(signoff_server, human):
    human("mgr@acme.test", roles=["manager"]).approves(after="2d")
    assert await signoff_server.run(agent()) == "approved"


def test_plain_code(signoff_server, signoff_sync_client, human):
    human("mgr@acme.test").rejects(after="1d")

    def plain():
        return signoff_sync_client.wait_for_human(title="Refund?", assignee="mgr@acme.test")

    assert not signoff_server.sync.run(plain)


def test_the_surroundings(signoff_server):
    assert os.environ["SIGNOFF_URL"] == signoff_server.url
    assert "SIGNOFF_DATABASE" not in os.environ
"""


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_the_fixtures_are_there_by_installing_signoff(pytester: pytest.Pytester, mode: str) -> None:
    suite = SUITE if mode == "auto" else SUITE.replace("async def test", MARKED)
    pytester.makepyfile(suite)

    outcome = pytester.runpytest_subprocess("-p", "no:randomly", f"--asyncio-mode={mode}")

    outcome.assert_outcomes(passed=3)


MARKED = "import pytest\n@pytest.mark.asyncio\nasync def test"


def test_a_failing_agent_says_what_it_waits_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_nobody_answers(signoff_server, signoff_sync_client):
            intent = signoff_sync_client.submit("refund", handled=True)
            signoff_server.sync.run(lambda: list(signoff_sync_client.events(intent["id"])))
        """
    )

    outcome = pytester.runpytest_subprocess()

    outcome.assert_outcomes(failed=1)
    outcome.stdout.fnmatch_lines(["*the agent waits, and nothing is left to happen*"])


def test_nothing_heavy_is_imported_before_a_fixture_is_used() -> None:
    script = """
import sys
before = set(sys.modules)
import pytest
with_pytest = set(sys.modules)
import signoff.testing.plugin
added = {name.partition(".")[0] for name in set(sys.modules) - with_pytest}
print(sorted(added - {"signoff"}))
print(sorted(name for name in sys.modules if name.startswith("signoff")))
"""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert run.stdout.splitlines() == [
        "[]",
        "['signoff', 'signoff.testing', 'signoff.testing.plugin']",
    ]
