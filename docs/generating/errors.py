"""errors.md: every code, what it means, its HTTP status and the CLI's exit code."""

from __future__ import annotations

from generating.markdown import Undocumented, code, document, table
from signoff import errors as e
from signoff.cli.failures import exit_code
from signoff.server.problems import status_of

_FAMILIES = (
    (
        e.CallerError,
        "The request is wrong",
        "Sending the same request again fails again.",
    ),
    (
        e.WorldMoved,
        "The world has moved",
        "The request was fine a moment ago. Look again, then decide what to do.",
    ),
    (e.Broken, "We are broken", "Something failed on our side, or below us. Try again later."),
)

_INTRO = """Every refusal has a stable code. Over HTTP it is a problem document
([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with that code; in Python it is an exception
of that class, found in `signoff.errors`; at the terminal it is a sentence and an exit code.

A problem document has `type`, `title`, `status`, `detail` and `code`. Where they help it also has
`errors` (what is wrong, field by field) and `about` (facts a program may want, such as who decided
first and when)."""


def page() -> str:
    """The page, with every error the code defines."""
    return document("Errors", _INTRO, [*(_family(*each) for each in _FAMILIES), _rest(), _exits()])


def _family(family: type[e.SignoffError], title: str, says: str) -> str:
    found = [cls for cls in e.by_code().values() if issubclass(cls, family)]
    return f"## {title}\n\n{says}\n\n{_table(found)}"


def _rest() -> str:
    families = tuple(family for family, *_ in _FAMILIES)
    found = [cls for cls in e.by_code().values() if not issubclass(cls, families)]
    says = "Nobody foresaw it. The server logs it with the request's id."
    return f"## A defect\n\n{says}\n\n{_table(found)}"


def _table(found: list[type[e.SignoffError]]) -> str:
    rows = (
        (code(cls.code), _title(cls), code(cls.__name__), str(status_of(cls)), _exit(cls))
        for cls in sorted(found, key=lambda cls: cls.code)
    )
    return table(("code", "meaning", "class", "HTTP status", "exit code"), rows)


def _title(cls: type[e.SignoffError]) -> str:
    if cls.code != e.SignoffError.code and "title" not in vars(cls):
        raise Undocumented(f"{cls.__name__} has no title")
    return cls.title


def _exit(cls: type[e.SignoffError]) -> str:
    return str(exit_code(cls()))


def _exits() -> str:
    from signoff.cli import failures

    doc = failures.__doc__ or ""
    rows = [line.split(None, 1) for line in doc.splitlines() if line[:1].isdigit()]
    if len(rows) < 5:
        raise Undocumented("signoff.cli.failures no longer lists its exit codes")
    return f"## Exit codes of the `signoff` command\n\n{table(('code', 'meaning'), rows)}"
