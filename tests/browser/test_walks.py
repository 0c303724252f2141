"""Each of the eight types is answered in a real browser, with script and without."""

from __future__ import annotations

import pytest

from signoff.core.words import TaskType
from tests.browser import pictures, walk
from tests.browser.conftest import Open
from tests.browser.scenarios import SCENARIOS, Scenario
from tests.browser.site import MIRA, Site
from tests.browser.window import DEVICES, Device


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "noscript"])
@pytest.mark.parametrize("device", DEVICES, ids=lambda each: each.name)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: str(each.kind))
async def test_a_person_answers_and_the_agent_reads_the_very_decision(
    site: Site, window: Open, scenario: Scenario, device: Device, scripts: bool
) -> None:
    task_id = await walk.asked(site, scenario)

    async with window(device, scripts=scripts) as theirs:
        await walk.find(theirs, scenario)
        await walk.read(theirs, scenario)
        await pictures.take(theirs, str(scenario.kind), keep=scripts)
        await walk.get_it_wrong(theirs, scenario)
        assert await site.decision(task_id) is None
        await pictures.take(theirs, f"{scenario.kind}-wrong", keep=scripts)
        await walk.get_it_right(theirs, scenario)
        await pictures.take(theirs, f"{scenario.kind}-decided", keep=scripts)
        await walk.gone(theirs, scenario)

    decision = await site.decision(task_id)
    assert decision is not None
    assert decision["outcome"] == scenario.outcome
    assert decision["by"] == MIRA
    assert decision["data"] == scenario.data
    assert decision["comment"] == scenario.comment
    assert tuple(each["value"] for each in decision["evidence"]) == scenario.evidence
    assert decision["strength"] == "session"


def test_there_is_a_walk_for_every_type() -> None:
    assert [each.kind for each in SCENARIOS] == list(TaskType)
