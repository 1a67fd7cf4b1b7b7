"""The cells of a staff sheet: what is written is read as the same."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.places import Location
from services.providers.shifts.model import Interval, Pattern
from services.providers.staff_sheets import cells as staff
from services.providers.staff_sheets.forms import SHIFTS, WORKERS, shift_row, worker_row
from services.providers.workers.forms import Hiring, worker_fields
from services.providers.workers.model import Break, Certificate, Worker
from services.sheets import cells
from services.sheets.model import BadCell, SheetForm
from services.sheets.reading import read_book
from services.sheets.rows import rows_of
from services.sheets.writing import written_xlsx

WORKER = Worker(
    id=UUID(int=7),
    provider_id=UUID(int=2),
    name="陈银杏",
    sex="female",
    phone="10177778888",
    dialects=("大冶话", "普通话"),
    skills=("bath", "meal"),
    certificates=(
        Certificate(kind="care_worker", number="H 7", valid_from=date(2024, 2, 29), valid_until=date(2026, 12, 31)),
        Certificate(kind="nurse", number="N-1", valid_from=date(2024, 1, 1), valid_until=date(2024, 1, 1)),
    ),
    base=Location(lat=30.20123456789012, lon=115.03456789012345, source_datum="GCJ-02"),
    areas=("420202006",),
    day_limit_min=480,
    most_visits=8,
    breaks=(Break(duration_min=30, from_min=690, to_min=780, paid=True), Break(duration_min=15, from_min=0, to_min=0)),
)


def read_again(form: SheetForm, row: Any) -> dict[str, Any]:
    book = read_book(written_xlsx([(form, [row])]), csv_sheet="")
    (read,), faults = rows_of(book.sheets[form.name], form)
    assert not faults
    return dict(read.values)


def test_an_exported_worker_is_read_as_the_same() -> None:
    values = read_again(WORKERS, worker_row(WORKER))
    place = (values.pop("lat"), values.pop("lon"), values.pop("datum"))
    assert place == (WORKER.base.lat, WORKER.base.lon, "WGS-84") if WORKER.base else False
    assert (values.pop("id"), values["phone"]) == (WORKER.id, "101****8888")
    fields = worker_fields(TypeAdapter(Hiring).validate_python(values | {"phone": WORKER.phone}))
    assert {name: getattr(WORKER, name) for name in fields} == fields


HOURS = st.builds(lambda start, length: Interval(start, start + length), st.integers(0, 1439), st.integers(1, 1440))


@given(st.lists(st.tuples() | st.tuples(HOURS), min_size=7, max_size=7), st.booleans())
def test_an_exported_pattern_is_read_as_the_same(week: list[tuple[Interval, ...]], on_holidays: bool) -> None:
    pattern = Pattern(begins=date(2026, 3, 1), shifts=tuple(week), on_holidays=on_holidays)
    row = shift_row(WORKER, pattern)
    assert tuple(staff.hours(row[day]) if row[day] else () for day in ("mon", "tue", "wed", "thu", "fri")) == tuple(
        week[:5]
    )
    assert (row["on_holidays"], row["id"]) == ("是" if on_holidays else "否", str(WORKER.id))


def test_a_row_of_shifts_is_read_from_the_sheet() -> None:
    pattern = Pattern(begins=date(2026, 3, 1), shifts=((Interval(1320, 1800),), *((),) * 6))
    values = read_again(SHIFTS, shift_row(WORKER, pattern))
    assert (values["mon"], values["sun"], values["begins"]) == ((Interval(1320, 1800),), (), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (cells.day, "2026-02-29"),
        (cells.day, "明天"),
        (cells.whole, "8.5"),
        (cells.whole, "-1"),
        (cells.degrees, "30,2"),
        (cells.degrees, "nan"),
        (cells.an_id, "7"),
        (cells.phone, "12a"),
        (cells.phone, "＋86"),
        (staff.hours, "8-12"),
        (staff.hours, "08:00-25:00"),
        (staff.hours, "24:00-06:00"),
        (staff.breaks, "11:30-13:00"),
        (staff.certificates, "care_worker H-7 2024-01-01"),
        (cells.one_of({"女": "female"}), "女士"),
    ],
)
def test_a_cell_that_cannot_be_read_says_what_to_write(read: Any, text: str) -> None:
    with pytest.raises(BadCell) as refused:
        read(text)
    assert refused.value.mend.zh
    assert refused.value.mend.en


@pytest.mark.parametrize("text", ["2026-3-1", "2026/03/01", "2026年3月1日", "2026.03.01"])
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert cells.day(text) == date(2026, 3, 1)


def test_hours_after_midnight_and_full_width_signs_are_understood() -> None:
    assert staff.hours("22：00～06：00；08:00-12:00") == (Interval(480, 720), Interval(1320, 1800))
    assert staff.hours("18:00-24:00") == (Interval(1080, 1440),)
