"""Rows of a raw sheet, read by the form of their columns; what will not do is a fault with its place."""

from collections import Counter
from collections.abc import Sequence

from services.sheets.model import BadCell, Book, Column, Fault, Mend, RawSheet, Row, SheetForm


def sheet_in(book: Book, form: SheetForm) -> RawSheet | None:
    """By its name in either language."""
    return book.sheets.get(form.name) or book.sheets.get(form.also)


def rows_of(sheet: RawSheet, form: SheetForm, known: Sequence[Fault] = ()) -> tuple[list[Row], list[Fault]]:
    """The good rows, and the faults of the others. :param known: faults found when the book was read"""
    places, faults = _columns(sheet, form)
    if faults:
        return [], faults
    rows = []
    broken = {fault.row for fault in known if fault.sheet == sheet.name}
    for number, texts in sheet.rows:
        row, wrong = _row(sheet, number, texts, places)
        faults += wrong
        if not wrong and number not in broken:
            rows.append(row)
    return rows, faults


def _columns(sheet: RawSheet, form: SheetForm) -> tuple[list[tuple[int, Column]], list[Fault]]:
    known = {title.casefold(): column for column in form.columns for title in (column.title, column.also)}
    places = [(at, known[title.casefold()]) for at, title in enumerate(sheet.titles) if title.casefold() in known]
    faults = [
        Fault(
            code="unknown_column",
            mend=Mend(
                "请用模板的列名；模板里没有的列请删去",
                "use the titles of the template; remove columns that are not in it",
            ),
            sheet=sheet.name,
            row=1,
            column=title,
            value=title,
        )
        for title in sheet.titles
        if title and title.casefold() not in known
    ]
    counted = Counter(column.name for _, column in places)
    for column in form.columns:
        if counted[column.name] > 1:
            mend = Mend("同名的列请只留一列", "keep one of the columns with this title")
            faults.append(Fault(code="column_twice", mend=mend, sheet=sheet.name, row=1, column=column.title))
        if column.needed and not counted[column.name]:
            mend = Mend("请加上这一列，和模板一样", "add this column, as in the template")
            faults.append(Fault(code="column_missing", mend=mend, sheet=sheet.name, row=1, column=column.title))
    return places, faults


def _row(
    sheet: RawSheet, number: int, texts: tuple[str, ...], places: Sequence[tuple[int, Column]]
) -> tuple[Row, list[Fault]]:
    values, written, faults = {}, {}, []
    for at, column in places:
        text = texts[at] if at < len(texts) else ""
        written[column.name] = text
        try:
            if not text and column.needed:
                raise BadCell("必填", "fill it in")
            values[column.name] = column.read(text) if text else column.empty
        except BadCell as bad:
            faults.append(
                Fault(
                    code="bad_cell",
                    mend=bad.mend,
                    sheet=sheet.name,
                    row=number,
                    column=sheet.titles[at],
                    value="" if column.secret else text[:80],
                )
            )
    return Row(number, values, written), faults


def fault_at(form: SheetForm, row: Row, name: str, *, code: str, mend: Mend) -> Fault:
    """:param name: of a column, or of nothing that is one: then the fault is that of the row"""
    column = next((one for one in form.columns if one.name == name), None)
    value = "" if column is None or column.secret else row.texts.get(name, "")[:80]
    title = column.title if column else ""
    return Fault(code=code, mend=mend, sheet=form.name, row=row.number, column=title, value=value)
