"""XLSX and CSV → rows. A file is hostile until it is read: bounded when packed and when unpacked, no entities, no
formulas."""

import csv
import io
import zipfile
from datetime import date, datetime, time
from typing import Any

from services.sheets.model import (
    MOST_BYTES,
    MOST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_UNPACKED,
    Book,
    Fault,
    Mend,
    RawSheet,
)

_ENTRIES = 200
_PIECE = 1 << 16


class _Unreadable(Exception):
    """Carries a `Fault`."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.mend.en)
        self.fault = fault


def read_book(file: bytes, *, csv_sheet: str) -> Book:
    """Never raises for what the file holds: what cannot be read is a fault. :param csv_sheet: name for a CSV file"""
    try:
        if len(file) > MOST_BYTES:
            raise _Unreadable(_too_large())
        if file[:4] == b"PK\x03\x04":
            _check_package(file)
            return _read_xlsx(file)
        return _read_csv(file, csv_sheet)
    except _Unreadable as unreadable:
        return Book({}, (unreadable.fault,))


def _check_package(file: bytes) -> None:
    """Unpacks it once, counting: what a package says of its own size is not believed."""
    unpacked = 0
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as package:
            if len(package.infolist()) > _ENTRIES:
                raise _Unreadable(_too_much())
            for entry in package.infolist():
                with package.open(entry) as stream:
                    before = b""
                    while piece := stream.read(_PIECE):
                        unpacked += len(piece)
                        if unpacked > MOST_UNPACKED:
                            raise _Unreadable(_too_much())
                        _refuse_declarations(entry.filename, before + piece)
                        before = piece[-16:]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise _Unreadable(_not_a_sheet()) from None


def _refuse_declarations(name: str, text: bytes) -> None:
    """No spreadsheet program writes a DTD; entities in one can grow without end."""
    if name.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text):
        raise _Unreadable(_not_a_sheet())


def _too_much() -> Fault:
    mend = Mend(
        "解开后太大：请删去图片和带格式的空行", "unpacked it is too large: remove pictures and empty formatted rows"
    )
    return Fault(code="too_large", mend=mend)


def _too_large() -> Fault:
    most = MOST_BYTES // 1024 // 1024
    return Fault(code="too_large", mend=Mend(f"一次最多 {most} MiB，请分几次", f"send at most {most} MiB at a time"))


def _not_a_sheet() -> Fault:
    return Fault(
        code="not_a_sheet", mend=Mend("请另存为 .xlsx，或 UTF-8 的 .csv", "save it as .xlsx or as .csv in UTF-8")
    )


def _read_xlsx(file: bytes) -> Book:
    from openpyxl import load_workbook  # as in writing.py

    faults: list[Fault] = []
    sheets = {}
    try:
        book = load_workbook(io.BytesIO(file), read_only=True, data_only=False, keep_links=False)
        for sheet in book.worksheets:
            rows = (
                [cell.value if cell.data_type != "f" else _Formula(str(cell.value)) for cell in row]
                for row in sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS)
            )
            sheets[sheet.title] = _raw(sheet.title, rows, faults)
    except Exception:  # openpyxl raises what it likes about a broken file
        raise _Unreadable(_not_a_sheet()) from None
    return Book(sheets, tuple(faults))


def _read_csv(file: bytes, name: str) -> Book:
    text = _decoded(file)
    faults: list[Fault] = []
    try:
        rows = csv.reader(io.StringIO(text, newline=""))
        return Book({name: _raw(name, rows, faults)}, tuple(faults))
    except csv.Error:
        raise _Unreadable(_not_a_sheet()) from None


def _decoded(file: bytes) -> str:
    """UTF-8, or what Excel writes in China."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = file.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _Unreadable(_not_a_sheet())


class _Formula(str):
    """Is never worked out."""

    __slots__ = ()


def _raw(name: str, rows: Any, faults: list[Fault]) -> RawSheet:
    titles: tuple[str, ...] = ()
    kept: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in enumerate(rows, start=1):
        if number > MOST_ROWS + 1:
            if any(_text(cell) for cell in cells):
                mend = Mend(f"请分成几份，每份最多 {MOST_ROWS} 行", f"split it: at most {MOST_ROWS} rows")
                faults.append(Fault(code="too_many_rows", sheet=name, mend=mend, row=number))
            break
        texts = tuple(_text(cell) for cell in cells[:MOST_COLUMNS])
        if number == 1:
            titles = texts
        elif any(texts):
            kept.append((number, texts))
            faults += _odd_cells(name, number, titles, cells[:MOST_COLUMNS], texts)
    return RawSheet(name, titles, kept)


def _odd_cells(sheet: str, row: int, titles: tuple[str, ...], cells: list[Any], texts: tuple[str, ...]) -> list[Fault]:
    found = []
    for at, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        where: dict[str, Any] = {"sheet": sheet, "row": row, "column": titles[at] if at < len(titles) else ""}
        if isinstance(cell, _Formula):
            mend = Mend("请写结果，不要写公式", "write the value instead")
            found.append(Fault(code="formula", mend=mend, value=text[:80], **where))
        elif len(text) > MOST_CELL:
            mend = Mend(f"最多 {MOST_CELL} 个字", f"at most {MOST_CELL} characters")
            found.append(Fault(code="too_long", mend=mend, value=text[:80], **where))
    return found


def _text(cell: Any) -> str:
    """As one would read it in the sheet."""
    match cell:
        case None:
            return ""
        case bool():
            return "是" if cell else "否"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell).strip().removeprefix("'").replace("\0", "")
