"""What is wrong with what was read: it cannot be read, or it says what is not true."""

from __future__ import annotations


class Malformed(ValueError):
    """This is not what it should be: not readable at all, so nothing can be said about it."""


class Refuted(Exception):
    """Something does not fit what was signed.

    :param why: in plain words.
    :param index: of the first entry that is wrong, where one is.
    """

    def __init__(self, why: str, index: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.index = index
