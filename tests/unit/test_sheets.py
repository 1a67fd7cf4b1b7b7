"""Sheets: read with their places, bounded, without formulas; written so that no cell is one."""

import io
import zipfile
from typing import Any

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from services.sheets import reading
from services.sheets.model import MOST_BYTES, MOST_ROWS, BadCell, Column, SheetForm
from services.sheets.reading import read_book
from services.sheets.rows import rows_of
from services.sheets.writing import harmless, written_csv, written_xlsx


def small(text: str) -> int:
    if not text.isdecimal():
        raise BadCell("请写整数", "write a whole number")
    return int(text)


FORM = SheetForm(
    name="人",
    also="people",
    columns=(
        Column(name="name", title="姓名", also="name", needed=True),
        Column(name="age", title="年龄", also="age", read=small),
    ),
)


def a_book(*rows: list[Any], title: str = "人") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def read(file: bytes) -> tuple[list[dict[str, Any]], list[tuple[str, int | None, str, str]]]:
    book = read_book(file, csv_sheet=FORM.name)
    faults = list(book.faults)
    rows = []
    for sheet in book.sheets.values():
        found, wrong = rows_of(sheet, FORM, book.faults)
        rows += [dict(row.values) for row in found]
        faults += wrong
    return rows, [(fault.code, fault.row, fault.column, fault.value) for fault in faults]


def test_a_sheet_is_read_by_its_titles_in_either_language_and_any_order() -> None:
    expected = [{"name": "王", "age": 71}, {"name": "李", "age": None}]
    for file in (
        a_book(["姓名", "年龄"], ["王", 71], [None, None], ["李"]),
        a_book(["AGE", "Name"], [71.0, " 王 "], [None, "李"]),
        "姓名,年龄\r\n王,71\r\n\r\n李,\r\n".encode("utf-8-sig"),
        "年龄,姓名\n71,王\n,李\n".encode("gb18030"),
    ):
        assert read(file) == (expected, [])


def test_what_will_not_do_is_told_with_its_place_and_the_good_rows_stay() -> None:
    rows, faults = read(a_book(["姓名", "年龄"], ["王", "七十"], ["李", 70], ["", 60], ["=1+1", 50]))
    assert rows == [{"name": "李", "age": 70}]
    assert faults == [("formula", 5, "姓名", "=1+1"), ("bad_cell", 2, "年龄", "七十"), ("bad_cell", 4, "姓名", "")]


def test_titles_that_nobody_knows_that_stand_twice_or_are_missing_stop_a_sheet() -> None:
    rows, faults = read(a_book(["年龄", "age", "身高"], [1, 2, 3]))
    assert rows == []
    assert {(code, column) for code, _, column, _ in faults} == {
        ("unknown_column", "身高"),
        ("column_twice", "年龄"),
        ("column_missing", "姓名"),
    }


def test_more_rows_than_are_taken_are_told() -> None:
    lines = ["姓名"] + ["王"] * MOST_ROWS
    assert read("\n".join(lines).encode())[1] == []
    assert read("\n".join([*lines, "李"]).encode())[1] == [("too_many_rows", MOST_ROWS + 2, "", "")]


def packed(name: str, content: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return kept.getvalue()


def test_a_bomb_is_not_unpacked_and_no_entity_is_read() -> None:
    bomb = packed("xl/worksheets/sheet1.xml", b" " * (reading.MOST_UNPACKED + 1))
    assert len(bomb) < MOST_BYTES
    for file, code in (
        (bomb, "too_large"),
        (b"x" * (MOST_BYTES + 1), "too_large"),
        (packed("xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>'), "not_a_sheet"),
        (packed("xl/workbook.xml", " <!DOCTYPE x>".encode("utf-16")), "not_a_sheet"),
        (packed("letter.txt", b"dear"), "not_a_sheet"),
        (a_book(["姓名"], ["王"])[:-200], "not_a_sheet"),
        (b"PK\x03\x04", "not_a_sheet"),
        (b"\xff\xfe\x00\x01", "not_a_sheet"),
    ):
        book = read_book(file, csv_sheet="人")
        assert ([fault.code for fault in book.faults], dict(book.sheets)) == ([code], {})


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reading(file: bytes) -> None:
    for content in (file, b"PK\x03\x04" + file):
        book = read_book(content, csv_sheet="人")
        assert book.faults or book.sheets


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=30).map(str.strip)


@given(TEXTS)
def test_no_cell_is_written_as_a_formula_and_every_text_comes_back(text: str) -> None:
    if not text:
        return
    assert harmless(text)[0] not in "=+-@"
    for file in (written_csv(FORM, [{"name": text}]), written_xlsx([(FORM, [{"name": text}])])):
        assert read(file)[0] == [{"name": text, "age": None}]


def test_characters_that_no_sheet_can_hold_are_left_out() -> None:
    for file in (written_csv(FORM, [{"name": "王\x01\ufffe"}]), written_xlsx([(FORM, [{"name": "\x0b王\x1f"}])])):
        assert read(file)[0] == [{"name": "王", "age": None}]


def test_a_formula_of_somebody_else_leaves_as_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written_xlsx([(FORM, [{"name": "=HYPERLINK(1)"}])])))
    cell = book["人"]["A2"]
    assert (cell.value, cell.data_type) == ("'=HYPERLINK(1)", "s")
    assert written_csv(FORM, [{"name": "@SUM(A1)"}]).decode("utf-8-sig").splitlines()[1].startswith("'@")
