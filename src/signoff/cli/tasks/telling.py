"""What is said of a task once something has been done to it."""

from __future__ import annotations

from signoff.cli.connection import Document
from signoff.cli.output import emit, say
from signoff.cli.text import moment


def told(document: Document, *, as_json: bool, what: str | None = None) -> None:
    """Say how the task stands now, or what has been done to it, where that is clearer."""
    if as_json:
        emit(document)
        return
    task = document["task"]
    say(f"{task['title']}: {what or standing(task)}")


def standing(task: Document) -> str:
    """How a task stands, in a few words."""
    if task.get("decision"):
        return decided(task)
    if task.get("awaiting_revision"):
        return "changes requested; the agent is asked to revise"
    if task.get("claimed_by"):
        return f"claimed by {task['claimed_by']}"
    if task.get("answers") and task["state"] == "open":
        return waiting(task)
    if task.get("paused_at"):
        return f"{task['state']}; its clock stands until {moment(task.get('pause_ends'))}"
    return str(task["state"])


def decided(task: Document) -> str:
    decision = task.get("decision")
    return f"{decision['outcome']} by {decision['by']}" if decision else ""


def waiting(task: Document) -> str:
    """Who has answered a task that still waits for others, and for whom it waits."""
    said = ", ".join(answered(row) for row in task["answers"])
    where = f"stage {task['stage'] + 1} of {len(task['chain'])}"
    return f"{said}; {where} waits for {_missing(task)}"


def _missing(task: Document) -> str:
    """Who is still needed: how many of those asked, or of which role or group."""
    stage = task["chain"][task["stage"]]
    asked = ", ".join(task["assignees"])
    missing = "; ".join(task["quorum"]["missing"])
    if not missing or stage["need"] == 1:
        return asked
    return missing if stage["quotas"] else f"{missing} of {asked}"


def answered(row: Document) -> str:
    """One answer: what, by whom, and in whose place."""
    place = f" for {row['for']}" if row.get("for") not in (None, row["by"]) else ""
    return f"{row['outcome']} by {row['by']}{place}"
