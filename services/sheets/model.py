"""A sheet as rows whose cells know where they stand, and what is said about those that will not do. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
MOST_BYTES = 4 * 1024 * 1024
MOST_UNPACKED = 40 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 60
MOST_CELL = 2_000
MOST_FAULTS = 500
"""Told of one file; who mends these sees the others."""


@dataclass(frozen=True, slots=True)
class Mend:
    """What to do, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What will not do, and how it is mended. Without row and column: the whole sheet or file."""

    code: str
    mend: Mend
    sheet: str = ""
    row: int | None = None
    """As the spreadsheet numbers it: the titles are row 1."""
    column: str = ""
    """Its title."""
    value: str = ""


@dataclass(frozen=True, slots=True)
class RawSheet:
    """As it was read: text without blanks at its ends; empty rows are left out."""

    name: str
    titles: tuple[str, ...]
    rows: Sequence[tuple[int, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Book:
    sheets: Mapping[str, RawSheet]
    faults: tuple[Fault, ...] = ()


class BadCell(Exception):
    """`mend` says what to write instead."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.mend = Mend(zh, en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """:param read: text of a filled cell → value; :raises BadCell:"""

    name: str
    title: str
    also: str
    """The title in the other language; both are read."""
    read: Callable[[str], Any] = str
    needed: bool = False
    empty: Any = None
    """What an empty cell means."""
    example: str = ""
    explained: str = ""
    secret: bool = False
    """Is not repeated where it will not do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetForm:
    """What a sheet of one kind looks like."""

    name: str
    also: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    values: Mapping[str, Any]
    """By the name of the column; a column that the sheet does not have is not there."""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """What an import found, and what it did or would do."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    faulty_rows: int = 0
    written: bool = False
    """False: nothing is changed."""
