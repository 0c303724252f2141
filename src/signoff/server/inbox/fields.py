"""The fields of a form, as a tree: what is asked, what is shown at first, what may be left out.

Frozen data, built from a JSON Schema by ``forms`` and read back by ``posted``. ``name`` is what
the browser posts; ``path`` is where the value stands in the answer. ``shown`` is the text a person
finds in the field; posting it back unchanged gives ``initial`` back, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Final, TypeAlias

from signoff.core.words import JSON

Posted = Mapping[str, Sequence[str]]
"""What a browser sent: every value of every name, with line ends as a single newline."""


class _Missing(Enum):
    ABSENT = "absent"


ABSENT: Final = _Missing.ABSENT
Maybe: TypeAlias = "JSON | _Missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    name: str
    path: str
    label: str
    help: str | None = None
    hints: tuple[str, ...] = ()
    required: bool = False
    nullable: bool = False
    initial: Maybe = ABSENT

    @property
    def id(self) -> str:
        """The name as an HTML id; names are free of white space only after this."""
        return "f-" + "".join(c if c.isalnum() else f"_{ord(c):x}_" for c in self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(_Common):
    """One string: a line, or several. ``input_type`` is the HTML type of the one-line input."""

    widget: ClassVar[str] = "text"
    shown: str = ""
    multiline: bool = False
    input_type: str = "text"
    format: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(_Common):
    """One number, typed as text so that a mistake is kept and can be corrected."""

    widget: ClassVar[str] = "number"
    shown: str = ""
    integer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(_Common):
    """A checkbox, for a boolean that has a value from the start."""

    widget: ClassVar[str] = "flag"
    shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """``key`` is what is posted, ``value`` what it stands for."""

    key: str
    label: str
    value: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(_Common):
    """One of several values. ``shown`` is the key chosen at first, empty for none."""

    widget: ClassVar[str] = "choice"
    options: tuple[Option, ...]
    shown: str = ""
    radios: bool = True

    @property
    def may_be_empty(self) -> bool:
        return not self.required or self.nullable


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices(_Common):
    """Any of several values, as checkboxes."""

    widget: ClassVar[str] = "choices"
    options: tuple[Option, ...]
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(_Common):
    """A list of strings or numbers, one per line."""

    widget: ClassVar[str] = "lines"
    shown: str = ""
    numbers: bool = False
    integers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw(_Common):
    """Whatever no other field can hold, written as JSON."""

    widget: ClassVar[str] = "raw"
    shown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(_Common):
    """A value that cannot be otherwise; it is shown and always sent."""

    widget: ClassVar[str] = "fixed"
    value: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Money(_Common):
    """An amount, as exact decimals. ``numeric`` where the value is a JSON number, not text.

    :param currency: its code, where that is known; ``places`` are the decimals it is counted in.
    """

    widget: ClassVar[str] = "money"
    shown: str = ""
    currency: str | None = None
    places: int | None = None
    numeric: bool = False
    integer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """What can be seen of a condition in the form: what is posted under a name.

    :param keys: what has to be posted; None where anything that is not empty will do.
    :param empty: whether nothing posted will do as well.
    """

    name: str
    keys: tuple[str, ...] | None
    empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a part of an object applies: ``schema`` is the judge, over what else the object holds.

    :param negated: whether it applies exactly where the schema does not hold.
    :param tests: the same, for a script to see; None where it cannot.
    """

    schema: Mapping[str, JSON]
    negated: bool = False
    says: str = ""
    tests: tuple[Test, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Properties of an object that apply only sometimes."""

    when: Condition
    keys: tuple[str, ...]
    children: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(_Common):
    """An object: a fieldset of its properties. ``keys`` are the properties, child by child.

    :param parts: what belongs to it only sometimes.
    """

    widget: ClassVar[str] = "group"
    keys: tuple[str, ...]
    children: tuple[Field, ...]
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One shape that a value may have; ``schema`` judges it."""

    key: str
    label: str
    field: Field
    schema: Mapping[str, JSON]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant(_Common):
    """A value of one of several shapes: which one, and the fields of each."""

    widget: ClassVar[str] = "variant"
    branches: tuple[Branch, ...]
    shown: str = ""

    @property
    def picker(self) -> str:
        """The name under which the choice of a shape is posted."""
        return f"{self.name}~kind"

    @property
    def may_be_empty(self) -> bool:
        return not self.required or self.nullable


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(_Common):
    """A list of objects: the rows there are, which can be removed, and blank ones to fill in."""

    widget: ClassVar[str] = "rows"
    rows: tuple[Group, ...]

    @staticmethod
    def removal(row: Group) -> str:
        """The name of the checkbox that removes a row."""
        return f"{row.name}~remove"


Field: TypeAlias = (
    Text | Money | Number | Flag | Choice | Choices | Lines | Raw | Fixed | Group | Variant | Rows
)


def below(field: Field) -> Iterator[Field]:
    """The fields right below a field, in reading order."""
    match field:
        case Group():
            yield from field.children
            for part in field.parts:
                yield from part.children
        case Variant():
            yield from (branch.field for branch in field.branches)
        case Rows():
            yield from field.rows
        case _:
            pass


def walk(field: Field) -> Iterator[Field]:
    """The field and everything below it, in reading order."""
    yield field
    for child in below(field):
        yield from walk(child)


def picked_in(field: Variant, posted: Posted | None) -> str:
    """The key of the shape that is chosen."""
    if posted is None:
        return field.shown
    return next(iter(posted.get(field.picker, ())), "")


def text_in(field: Text | Money | Number | Lines | Raw | Choice, posted: Posted | None) -> str:
    """What stands in the field: what was typed, or what it started with."""
    if posted is None:
        return field.shown
    return next(iter(posted.get(field.name, ())), "")


def keys_in(field: Choices | Flag, posted: Posted | None) -> frozenset[str]:
    """Which boxes are ticked; a flag's own box is called ``yes``."""
    if posted is not None:
        return frozenset(posted.get(field.name, ()))
    if isinstance(field, Flag):
        return frozenset({"yes"} if field.shown else ())
    return field.shown


def one_newline(text: str) -> str:
    """The text with every line end as a single newline, as browsers and we compare it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
