"""A sheet is put in row by row. Each row is one change by the handlers that pages use, and is undone if it will not do;
whether the whole is kept is for the caller, who owns the transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from pydantic import ValidationError

from services.errors import DomainError
from services.sheets.model import Book, Fault, Mend, Report, Row, SheetForm
from services.sheets.rows import fault_at, rows_of, sheet_in

Put = Callable[[Row], Awaitable[str]]
"""Returns the name of the report's count."""
Savepoint = Callable[[], AbstractAsyncContextManager[object]]
Explain = Callable[[DomainError], tuple[str, Mend]]
"""The name of the column a refusal is about, '' for the row, and the mend."""


class Misplaced(Exception):
    """What will not do in the named column."""

    def __init__(self, column: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.column, self.mend = column, Mend(zh, en)


class Once:
    """Knows what stood in which row."""

    def __init__(self) -> None:
        self._seen: dict[tuple[object, ...], int] = {}

    def __call__(self, row: Row, column: str, *key: object) -> None:
        """:raises Misplaced:"""
        first = self._seen.setdefault(key, row.number)
        if first != row.number:
            zh = f"第 {first} 行已经写过，请只留一行"
            raise Misplaced(column, zh, f"this stands in row {first} already: keep one of the two")


async def import_book(
    savepoint: Savepoint, book: Book, sheets: Sequence[tuple[SheetForm, Put]], explain: Explain
) -> Report:
    """In the order of `sheets`. Nothing of a faulty row is written."""
    report = Report(faults=list(book.faults))
    if book.sheets and not any(sheet_in(book, form) for form, _ in sheets):
        report.faults.append(_no_sheet([form.name for form, _ in sheets]))
    for form, put in sheets:
        sheet = sheet_in(book, form)
        if sheet is None:
            continue
        rows, faults = rows_of(sheet, form, book.faults)
        report.faults += faults
        report.rows += len(sheet.rows)
        for row in rows:
            try:
                async with savepoint():
                    count = await put(row)
            except (ValidationError, Misplaced, DomainError) as wrong:
                report.faults += _faults(form, row, wrong, explain)
            else:
                setattr(report, count, getattr(report, count) + 1)
    report.faulty_rows = len({(fault.sheet, fault.row) for fault in report.faults if fault.row})
    return report


def _no_sheet(names: Sequence[str]) -> Fault:
    zh = f"请把工作表命名为{'或'.join(names)}，和模板一样"
    return Fault(code="no_sheet", mend=Mend(zh, f"name a sheet {' or '.join(names)}, as in the template"))


def _faults(
    form: SheetForm, row: Row, wrong: ValidationError | Misplaced | DomainError, explain: Explain
) -> list[Fault]:
    match wrong:
        case ValidationError():
            return [
                fault_at(form, row, _column_of(error["loc"]), code="bad_cell", mend=_unfit(error["msg"]))
                for error in wrong.errors()
            ]
        case Misplaced():
            return [fault_at(form, row, wrong.column, code="bad_cell", mend=wrong.mend)]
        case _:
            column, mend = explain(wrong)
            return [fault_at(form, row, column, code=wrong.code, mend=mend)]


def place_of(row: Row) -> dict[str, object] | None:
    """Of the columns `lat`, `lon` and `datum`; None: there is none. :raises Misplaced:"""
    lat, lon = row.values.get("lat"), row.values.get("lon")
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise Misplaced("lat" if lat is None else "lon", "两个都要写，或都不写", "fill in both, or neither")
    return {"lat": lat, "lon": lon, "datum": row.values.get("datum") or "WGS-84"}


def said_of(refused: DomainError, zh: Mapping[type[DomainError], str]) -> Mend:
    return Mend(zh.get(type(refused), "这一行没有写进去，请核对"), refused.detail or refused.title)


def _unfit(message: str) -> Mend:
    return Mend("写法不合要求，请看模板里这一列的批注", message)


def _column_of(place: tuple[int | str, ...]) -> str:
    """Of a fault that the form found; a place stands in three columns."""
    names = [part for part in place if isinstance(part, str)]
    nested = names[:1] in (["base"], ["location"]) and len(names) > 1
    return names[-1] if nested else (names[0] if names else "")
