"""metrics.md: every metric a server publishes, from its own registry."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from generating.markdown import Undocumented, code, document, table
from signoff.server.metrics import Metrics

_INTRO = """`GET /metrics` answers in the Prometheus text format, without a key; let only your
monitoring reach it. `GET /health/live` says that the process lives. `GET /health/ready` says that
the database answers and the background loops run; use it for load balancers. Counters have `_total`
at the end of their name, and the metrics of the Python process are there too.

Worth an alarm: `signoff_store_up` at 0, `signoff_loops_failing` above 0, `signoff_overdue_timers`
that stays above 0, and `signoff_oldest_resume_seconds` that grows: a decision that no agent picks
up. So is the log: `signoff_log_broken` above 0, `signoff_log_lag_seconds` of more than a few
seconds, and `signoff_anchor_age_seconds` of more than a few of its intervals. The queues are read
from the database every few seconds, not on each scrape."""


def page() -> str:
    """The page, with every metric of Signoff's own."""
    rows = []
    for family in Metrics(_nobody()).registry.collect():
        if family.name.startswith("signoff_"):
            if not family.documentation:
                raise Undocumented(f"the metric {family.name} does not say what it counts")
            rows.append((code(family.name), family.type, family.documentation))
    return document("Metrics", _INTRO, [table(("metric", "kind", "meaning"), sorted(rows))])


def _nobody() -> Any:
    """As much of a server as the metrics ask for when nothing has happened."""
    services = SimpleNamespace(wakeups=(), failing=tuple, ledger=SimpleNamespace(broken=()))
    services.door = SimpleNamespace(batches=0, commands=0)
    return cast(Any, services)
