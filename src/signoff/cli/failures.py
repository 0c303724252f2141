"""What a failure looks like at the terminal, and the exit codes, defined here and nowhere else.

0    it worked
1    refused: the request was wrong, or the world had moved on
2    wrong usage or configuration: a bad option, no key, no such file
3    the server cannot be reached, is overloaded, or is broken
130  interrupted
"""

from __future__ import annotations

import json
import sys
from typing import Any

from signoff.cli.text import visible
from signoff.errors import Broken, SignoffError

OK = 0
REFUSED = 1
USAGE = 2
BROKEN = 3
INTERRUPTED = 130

_A_PERSON = "use a person's key: `signoff keys create --kind person --person EMAIL`"
_NEXT = {
    "unauthenticated": "check SIGNOFF_KEY, or make a key with `signoff keys create`",
    "forbidden": "use a key that may do this; `signoff whoami` says what yours is",
    "not_a_person": _A_PERSON,
    "agent_may_not_decide": _A_PERSON,
    "not_eligible": "`signoff tasks explain TASK` says who may answer, and why",
    "not_found": "list what there is with `signoff tasks list` or `signoff intents list`",
    "stale_view": "look again with `signoff tasks show TASK`, then decide",
    "already_concluded": "`signoff tasks show TASK` says who decided, and when",
    "already_answered": "`signoff tasks explain TASK` says who is still needed",
    "already_claimed": "wait for them, or ask them to `signoff tasks release TASK`",
    "not_logged_yet": "try again in a second; `signoff audit status` says how far the log is",
    "link_expired": "open the link in the latest notice, or sign in",
    "link_spent": "`signoff tasks show` says what was decided",
    "under_hold": "`signoff audit hold list` says which, and why",
    "log_broken": "stop and run `signoff audit fsck`; it says where",
    "credential_too_weak": "sign with a passkey in the inbox",
    "changed_meanwhile": "look again with `signoff settings show`, then change it",
    "unreachable": "is it running? start it with `signoff serve`, or set SIGNOFF_URL",
    "overloaded": "try again in a moment",
    "store_outdated": "run `signoff db migrate`",
    "store_unavailable": "check the database named by --database",
}


def exit_code(error: SignoffError) -> int:
    return BROKEN if isinstance(error, Broken) else REFUSED


def report(error: SignoffError, *, as_json: bool) -> None:
    """Say on stderr what happened and what to do next."""
    if as_json:
        print(json.dumps(_problem(error)), file=sys.stderr)
        return
    print(f"error: {visible(error.message)}", file=sys.stderr)
    for wrong in error.errors:
        said = f": {wrong.message}" if wrong.message != error.message else ""
        print(visible(f"  {wrong.field}{said}"), file=sys.stderr)
    if step := _NEXT.get(error.code):
        print(f"next: {step}", file=sys.stderr)


def report_usage(message: str, *, as_json: bool) -> None:
    """Say on stderr that the command line, or what it names, cannot be used."""
    if as_json:
        problem = {"title": "The command cannot be run", "detail": message, "code": "usage"}
        print(json.dumps(problem), file=sys.stderr)
        return
    print(f"error: {visible(message)}", file=sys.stderr)
    print("next: add --help to see what can be said here", file=sys.stderr)


def _problem(error: SignoffError) -> dict[str, Any]:
    problem: dict[str, Any] = {
        "title": error.title,
        "detail": error.message,
        "code": error.code,
    }
    if error.errors:
        problem["errors"] = [{"field": e.field, "message": e.message} for e in error.errors]
    if error.about:
        problem["about"] = error.about
    return problem
