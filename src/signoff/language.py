"""The language of what people read: English in the source, others from catalogs in ``locale``.

A text that people read is written ``_("Approve")``, in code and in templates, with its parts by
name: ``_("Asked by %(who)s", who=name)``. Which language is spoken is set for a stretch of work by
``speaking``; where none is, or a catalog lacks a text, it is English. The rules do not translate:
what they say of a refusal is English on every surface.

A catalog is ``locale/<language>.po``, read when it is first wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gettext import NullTranslations

ENGLISH = "en"

_spoken: ContextVar[str] = ContextVar("signoff_language", default=ENGLISH)


class Language(NamedTuple):
    """A language people may choose: its code, and its name in itself."""

    code: str
    name: str


LANGUAGES = (Language(ENGLISH, "English"), Language("de", "Deutsch"))


def spoken() -> str:
    """The code of the language that is spoken just now."""
    return _spoken.get()


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Speak a language while the block runs; English where it is none of ours."""
    known = {each.code for each in LANGUAGES}
    token = _spoken.set(language if language in known else ENGLISH)
    try:
        yield
    finally:
        _spoken.reset(token)


def preferred(accepted: str) -> str:
    """The first of our languages that an ``Accept-Language`` header asks for (RFC 9110, 12.5.4)."""
    known = {each.code for each in LANGUAGES}
    for tag in _by_quality(accepted):
        code = tag.partition("-")[0].lower()
        if code in known:
            return code
    return ENGLISH


def _by_quality(accepted: str) -> Sequence[str]:
    weighed = []
    for at, part in enumerate(accepted[:1000].split(",")):
        tag, _, rest = part.strip().partition(";")
        quality = rest.strip().removeprefix("q=")
        try:
            weighed.append((-float(quality or 1), at, tag.strip()))
        except ValueError:
            continue
    return [tag for weight, _, tag in sorted(weighed) if weight < 0]


def _(text: str, /, **parts: object) -> str:
    """The text in the language that is spoken, its named parts filled in."""
    found = gettext(text)
    return found % parts if parts else found


def ngettext(one: str, many: str, count: int, /, **parts: object) -> str:
    """The form of a text that fits a count, which is also its part ``num``."""
    return plural(one, many, count) % {"num": count, **parts}


def gettext(text: str) -> str:
    """The text in the language that is spoken, its parts still open, as templates want it."""
    return _catalog(_spoken.get()).gettext(text)


def plural(one: str, many: str, count: int) -> str:
    """The form of a text that fits a count, its parts still open."""
    return _catalog(_spoken.get()).ngettext(one, many, count)


@cache
def _catalog(language: str) -> NullTranslations:
    from gettext import GNUTranslations, NullTranslations

    if language == ENGLISH:
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with (files(__package__) / "locale" / f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
