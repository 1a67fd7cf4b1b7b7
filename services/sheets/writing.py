"""Rows → XLSX or CSV that open without harm: no cell is taken for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from services.sheets.model import SheetForm

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
TextRow = Mapping[str, str]
"""By the name of the column."""


def harmless(text: str) -> str:
    """An apostrophe before what a spreadsheet program would take for a formula; reading takes it away again. Characters
    that no XLSX can hold are left out."""
    text = _NOT_IN_XML.sub("", text)
    return "'" + text if text.startswith((*_DANGEROUS, "'")) else text


def written_xlsx(sheets: Sequence[tuple[SheetForm, Iterable[TextRow]]]) -> bytes:
    from openpyxl import Workbook  # a third of a second, which only sheets have to wait for
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    for form, rows in sheets:
        sheet = book.create_sheet(form.name)
        for at, column in enumerate(form.columns, start=1):
            title = sheet.cell(1, at, column.title)
            title.font = Font(bold=True)
            if column.explained:
                title.comment = Comment(column.explained, "颐安")
            sheet.column_dimensions[get_column_letter(at)].width = max(12, 2.2 * len(column.title))
        for number, row in enumerate(rows, start=2):
            for at, column in enumerate(form.columns, start=1):
                cell = sheet.cell(number, at, harmless(row.get(column.name, "")))
                cell.data_type = "s"
                cell.number_format = "@"
        sheet.freeze_panes = "A2"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def written_csv(form: SheetForm, rows: Iterable[TextRow]) -> bytes:
    """With a byte order mark, so that Excel reads it as UTF-8."""
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow([column.title for column in form.columns])
    for row in rows:
        writer.writerow([harmless(row.get(column.name, "")) for column in form.columns])
    return kept.getvalue().encode("utf-8-sig")
