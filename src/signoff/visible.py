"""What a reader cannot see is made visible: hidden characters become escapes such as ⟨U+202E⟩.

Pure. It changes what is *shown*, never what is kept: digests cover the raw text, and nothing is
stripped. Escaped are control, bidi, zero-width, tag, variation-selector, private and unassigned
characters, blanks that pass for nothing, stacked marks, letters of another script inside a word
(``pаypal`` with a Cyrillic а), and blank lines by the dozen, which push what follows out of sight.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

_PLAIN_WHITESPACE = frozenset("\n\t \u00a0\u2009\u202f\u3000")
_HIDING_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = (
    range(0x180B, 0x1810),
    range(0xFE00, 0xFE10),
    range(0xE0100, 0xE01F0),
)
_LOOKALIKE_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})
_STYLED_LETTERS = re.compile("[\U0001d400-\U0001d7ff\uff21-\uff3a\uff41-\uff5a]")
_MANY_BLANK_LINES = re.compile(r"(?<=\n)(?:[^\S\n]*\n){5,}")
_MAX_MARKS = 3
_MAX_IN_SENTENCE = 60
_MAX_ALIKE = 4
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text to show as it is, or the escape of one hidden character."""

    text: str
    escaped: bool = False


def pieces(text: str) -> Iterator[Piece]:
    """Split text into what is shown as it is and what is shown as an escape."""
    text = text.replace("\r\n", "\n")
    flags = _flags(text)
    for hidden, run in groupby(zip(text, flags, strict=True), key=lambda pair: pair[1]):
        letters = "".join(letter for letter, _ in run)
        if hidden:
            yield from _escapes(letters)
        else:
            yield Piece(letters)


def _escapes(letters: str) -> Iterator[Piece]:
    """One escape per character; many of the same in a row are counted instead of repeated."""
    if letters.isspace() and (lines := letters.count("\n")):
        yield Piece(f"{escape(chr(10))}×{lines}", escaped=True)
        yield Piece("\n")
        return
    for letter, run in groupby(letters):
        count = sum(1 for _ in run)
        if count > _MAX_ALIKE:
            yield Piece(f"{escape(letter)}×{count}", escaped=True)
        else:
            yield from [Piece(escape(letter), escaped=True)] * count


def plain(text: str) -> str:
    """The text with its escapes, where only characters can go: titles, options, labels."""
    return "".join(piece.text for piece in pieces(text))


def escape(letter: str) -> str:
    """How one hidden character is shown, e.g. ``⟨U+202E⟩``."""
    return f"⟨U+{ord(letter):04X}⟩"


def hidden_in(text: str) -> int:
    """How many characters of the text are shown as escapes."""
    return sum(_flags(text.replace("\r\n", "\n")))


def fits_in_a_sentence(text: str) -> bool:
    """Whether text can stand inside a sentence of ours without rearranging or drowning it."""
    turns = any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)
    return len(text) <= _MAX_IN_SENTENCE and not turns and not hidden_in(text) and "\n" not in text


def count_hidden(values: Iterable[object]) -> int:
    """How many hidden characters there are in all the texts of some JSON values, keys too."""
    return sum(hidden_in(text) for value in values for text in _texts(value))


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for key, inner in value.items():
                yield str(key)
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)
        case _:
            pass


def _flags(text: str) -> list[bool]:
    """For every character, whether it is shown as an escape."""
    if text.isascii():
        flags = [not letter.isprintable() and letter not in _PLAIN_WHITESPACE for letter in text]
        _flag_blank_lines(text, flags)
        return flags
    flags = [_hides(letter) for letter in text]
    _flag_blank_lines(text, flags)
    _flag_stacked_marks(text, flags)
    for word in _WORD.finditer(text):
        if not word[0].isascii():
            _flag_strangers(word, flags)
    return flags


def _flag_blank_lines(text: str, flags: list[bool]) -> None:
    for many in _MANY_BLANK_LINES.finditer(text):
        flags[many.start() : many.end()] = [True] * len(many[0])


def _hides(letter: str) -> bool:
    if letter in _PLAIN_WHITESPACE:
        return False
    if unicodedata.category(letter) in _HIDING_CATEGORIES or letter in _BLANKS:
        return True
    return any(ord(letter) in span for span in _SELECTORS)


def _flag_stacked_marks(text: str, flags: list[bool]) -> None:
    stacked = 0
    for index, letter in enumerate(text):
        stacked = stacked + 1 if unicodedata.combining(letter) else 0
        flags[index] = flags[index] or stacked > _MAX_MARKS


def _flag_strangers(word: re.Match[str], flags: list[bool]) -> None:
    """Escape the non-Latin letters of a word that mixes scripts which look alike."""
    scripts = [_script(letter) for letter in word[0]]
    mixed = len(set(scripts) & _LOOKALIKE_SCRIPTS) > 1
    for offset, (letter, script) in enumerate(zip(word[0], scripts, strict=True)):
        stranger = mixed and script in _LOOKALIKE_SCRIPTS and script != "LATIN"
        if stranger or _STYLED_LETTERS.match(letter):
            flags[word.start() + offset] = True


def _script(letter: str) -> str:
    """The first word of the character's name, which for these scripts is the script."""
    return unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
