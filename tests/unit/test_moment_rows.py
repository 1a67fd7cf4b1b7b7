"""What place a reading has in the row of its moment."""

from struct import unpack_from

from hypothesis import given
from hypothesis import strategies as st

from services.db.migrate import packaged
from services.telemetry.catalogue import VITALS
from services.telemetry.model import Moment, Reading
from services.telemetry.moment_copy import COLUMNS, VITAL_COLUMNS, encoded
from services.telemetry.moments import heard_in, merge, moments_of, size
from services.telemetry.units import settled
from tests.examples import examples

AT_US = 1_795_307_335_000_000


def a_reading(name: str, value: float | None, unit: str | None = None, text: str | None = None) -> Reading:
    return settled(Reading("W-1", name, unit, AT_US, AT_US, value, text, False))


def the_moment(*readings: Reading) -> Moment:
    (moment,) = moments_of(readings)
    return moment


def test_a_vital_in_its_own_unit_is_one_figure_and_nothing_else() -> None:
    moment = the_moment(a_reading("heart_rate", 72.0, "beat/min"), a_reading("worn", 1.0))
    assert (moment.values, moment.extra, moment.texts) == ({"heart_rate": 72.0, "worn": 1.0}, None, None)


def test_what_has_no_column_stands_beside() -> None:
    moment = the_moment(
        a_reading("body_temperature", 98.6, "[degF]"),
        a_reading("heart_rate", 400.0, "beat/min"),
        a_reading("液位", -1.5e-7, "m"),
        a_reading("steps", 2.0**24 + 1),
        a_reading("worn", 1.0, "bool"),
        a_reading("spo2", None),
    )
    assert moment.values == {"body_temperature": 37.0, "steps": 2.0**24 + 1, "worn": 1.0}
    assert moment.extra == {
        "body_temperature": {"sent_value": 98.6, "sent_unit": "[degF]"},
        "heart_rate": {"sent_value": 400.0, "sent_unit": "beat/min", "mark": "implausible"},
        "液位": {"value": -1.5e-7, "unit": "m"},
        "steps": {"value": 2.0**24 + 1},
        "worn": {"unit": "bool"},
        "spo2": {},
    }
    assert size(moment) == 6
    shown, marked = heard_in(moment)
    assert (set(shown), set(marked)) == ({"body_temperature", "steps", "worn", "spo2"}, {"heart_rate"})


def test_two_rooms_in_one_second_are_two_readings_and_a_room_told_twice_is_one() -> None:
    rooms = [a_reading("motion", None, text=room) for room in ("kitchen", "hallway", "kitchen")]
    moment = the_moment(*rooms)
    assert moment.texts == {"motion": {"kitchen": None, "hallway": None}}
    assert size(moment) == 2


readings = st.builds(
    a_reading,
    st.sampled_from(("heart_rate", "steps", "motion", "液位")),
    st.sampled_from((72.0, 400.0, 99.0)),
    st.sampled_from((None, "count", "K", "Hz")),
) | st.builds(a_reading, st.sampled_from(("motion", "note")), st.none(), st.none(), st.sampled_from(("a", "b", "")))


@examples(300)
@given(st.lists(readings, min_size=1, max_size=8), st.integers(1, 7))
def test_two_packs_of_a_moment_are_as_one_pack_of_all(told: list[Reading], cut: int) -> None:
    whole = the_moment(*told)
    if 0 < cut < len(told):
        first, later = the_moment(*told[:cut]), the_moment(*told[cut:])
        new = merge(first, later)
        assert (first.values, first.extra, first.texts) == (whole.values, whole.extra, whole.texts)
        assert new == size(whole) - size(the_moment(*told[:cut]))
    assert merge(whole, the_moment(*told)) == 0


def test_a_row_holds_each_figure_in_its_own_column_whatever_order_it_came_in() -> None:
    moment = Moment("W-1", AT_US, AT_US + 3_000_000, {"lon": 115.1, "steps": 312.0, "heart_rate": 72.0})
    rows = encoded([moment], {"W-1": 7})
    at, cells = 19 + 2, {}
    for column in COLUMNS:
        (length,) = unpack_from(">i", rows, at)
        cells[column] = None if length < 0 else rows[at + 4 : at + 4 + length]
        at += 4 + max(0, length)
    assert rows[at:] == b"\xff\xff"
    told = {column: cell for column, cell in cells.items() if cell is not None}
    assert list(told) == ["device", "time", "lag_ms", "heart_rate", "steps", "lon"]
    assert unpack_from(">i", told["device"]) == (7,)
    assert unpack_from(">i", told["lag_ms"]) == (3000,)
    assert unpack_from(">f", told["heart_rate"]) == (72.0,)
    assert unpack_from(">d", told["lon"]) == (115.1,)


def test_every_vital_of_the_catalogue_has_its_columns() -> None:
    aside, moments = packaged()["0140_readings_aside.sql"], packaged()["0141_moments.plain.sql"]
    for name, vital in VITALS.items():
        unit = "NULL" if vital.unit is None else f"'{vital.unit}'"
        assert f"('{name}', {unit})" in aside
        assert f"    {name} " in moments.partition("CREATE TABLE moments")[2]
    assert tuple(VITALS) == VITAL_COLUMNS
