"""An export as XLSX: a sheet for each table, then how each figure is counted, then of what and by whom it was made."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from services.metrics.exports.cells import Cell, Kind, columns
from services.metrics.exports.report import Report, Section
from services.sheets.writing import harmless

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FORMATS: dict[Kind, str] = {"text": "@", "count": "#,##0", "share": "0.0%", "seconds": "#,##0.0"}
WIDTHS: dict[Kind, int] = {"text": 18, "count": 10, "share": 12, "seconds": 16}
WIDEST = 60
HEAD = 3
"""The row of the titles; above it stands what the table is."""


def written(report: Report) -> bytes:
    from openpyxl import Workbook  # a third of a second, which only sheets have to wait for

    book = Workbook()
    book.remove(book.active)
    for section in report.sections:
        _table(book.create_sheet(harmless(section.title)[:31]), report, section)
    _definitions(book.create_sheet(report.say("definitions")), report)
    _about(book.create_sheet(report.say("made")), report)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _table(sheet: "Worksheet", report: Report, section: Section) -> None:
    of = columns(report, section.of)
    _heading(sheet, report, section.title)
    _titles(sheet, [column.title for column in of])
    for number, line in enumerate(section.lines, start=HEAD + 1):
        for at, column in enumerate(of, start=1):
            _put(sheet, number, at, column.of(line), column.kind)
    _widths(sheet, [WIDTHS[column.kind] for column in of])


def _definitions(sheet: "Worksheet", report: Report) -> None:
    say = report.say
    _heading(sheet, report, f"{say('definitions')} · {say('as_today')}")
    names = ("figure", "code", "version", "since", "numerator", "denominator", "left_out", "target", "source", "least")
    _titles(sheet, [say(name) for name in names])
    for number, one in enumerate(report.definitions, start=HEAD + 1):
        cells: list[Cell] = [
            say.of(one.name), one.id, one.version, one.since.isoformat(), say.of(one.numerator),
            say.of(one.denominator), report.left_out(one), say.target(one), one.target.source if one.target else "",
            one.minimum_n,
        ]  # fmt: skip
        for at, cell in enumerate(cells, start=1):
            _put(sheet, number, at, cell, "text" if isinstance(cell, str) else "count")
    _widths(sheet, [24, 20, 8, 12, 34, 30, 44, 16, 44, 10])


def _about(sheet: "Worksheet", report: Report) -> None:
    for number, (name, said) in enumerate(report.about, start=1):
        _put(sheet, number, 1, name, "text", bold=True)
        _put(sheet, number, 2, said, "text")
    _widths(sheet, [22, WIDEST])


def _heading(sheet: "Worksheet", report: Report, title: str) -> None:
    asked, say = report.asked, report.say
    _put(sheet, 1, 1, f"{report.title} · {title}", "text", bold=True)
    said = [say("to", first=asked.span.first, last=asked.span.last), *(f"{a} {b}" for a, b in report.about[2:4])]
    if asked.simulated:
        said.append(say("simulated"))
    _put(sheet, 2, 1, " · ".join(said), "text")


def _titles(sheet: "Worksheet", titles: Sequence[str]) -> None:
    from openpyxl.styles import Alignment

    for at, title in enumerate(titles, start=1):
        _put(sheet, HEAD, at, title, "text", bold=True).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = sheet.cell(HEAD + 1, 2)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEAD}:{HEAD}"


def _put(sheet: "Worksheet", row: int, at: int, value: Cell, kind: Kind, *, bold: bool = False) -> Any:
    from openpyxl.styles import Font

    cell = sheet.cell(row, at, harmless(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"
    cell.number_format = FORMATS[kind]
    if bold:
        cell.font = Font(bold=True)
    return cell


def _widths(sheet: "Worksheet", widths: Sequence[int]) -> None:
    from openpyxl.utils import get_column_letter

    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
