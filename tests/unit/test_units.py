"""Which values are a body's, in which unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.telemetry.catalogue import VITALS
from services.telemetry.model import Reading
from services.telemetry.senml import read_pack
from services.telemetry.units import CONVERTED, LIMITS, in_own_unit, settled

NOW_US = 1_795_307_335_000_000


def a_reading(name: str, value: float | None, unit: str | None = None) -> Reading:
    return Reading("W-1", name, unit, NOW_US, NOW_US, value, None, False)


@pytest.mark.parametrize(
    ("name", "sent", "unit", "own"),
    [
        ("body_temperature", 310.15, "K", 37.0),
        ("body_temperature", 98.6, "[degF]", 37.0),
        ("body_temperature", 98.6, "°F", 37.0),
        ("spo2", 0.97, "/", 97.0),
        ("blood_glucose", 99.0, "mg/dL", 5.4952),
        ("blood_glucose", 99.0, "mg/dl", 5.4952),
        ("systolic_bp", 16.0, "kPa", 120.0102),
        ("diastolic_bp", 10.5, "kPa", 78.7567),
        ("heart_rate", 1.2, "Hz", 72.0),
        ("heart_rate", 72.0, "次/分", 72.0),
        ("respiratory_rate", 16.0, "次/分", 16.0),
        ("body_weight", 150.0, "[lb_av]", 68.0389),
        ("battery", 0.41, "/", 41.0),
    ],
)
def test_a_known_name_in_a_convertible_unit_gets_its_own_and_keeps_what_was_sent(
    name: str, sent: float, unit: str, own: float
) -> None:
    reading = settled(a_reading(name, sent, unit))
    assert (reading.value, reading.unit) == (own, VITALS[name].unit)
    assert (reading.sent_value, reading.sent_unit, reading.mark) == (sent, unit, None)


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("heart_rate", 72.0, "beat/min"),
        ("heart_rate", 72.0, None),
        ("heart_rate", 20.0, "1/min"),
        ("body_temperature", 36.6, "℃"),
        ("blood_glucose", 5.5, "mmol/L"),
        ("worn", 1.0, None),
        ("worn", 1.0, "bool"),
        ("steps", 99_999.0, "count"),
        ("skin_temperature", 451.0, "[degF]"),
        ("heart_rate", None, "beat/min"),
    ],
)
def test_what_is_usual_or_has_no_unit_of_its_own_or_is_unknown_stays_as_it_was_sent(
    name: str, value: float | None, unit: str | None
) -> None:
    reading = a_reading(name, value, unit)
    assert settled(reading) is reading


@pytest.mark.parametrize(
    ("name", "unit"),
    [("heart_rate", "Cel"), ("body_temperature", "mm[Hg]"), ("battery", "V"), ("spo2", "mg/dL"), ("systolic_bp", "??")],
)
def test_an_inconvertible_unit_is_kept_and_marked_and_leaves_no_value(name: str, unit: str) -> None:
    reading = settled(a_reading(name, 40.0, unit))
    assert (reading.value, reading.unit, reading.mark) == (None, None, "unit")
    assert (reading.sent_value, reading.sent_unit) == (40.0, unit)


@pytest.mark.parametrize("name", ["spo2", "systolic_bp", "body_weight", "body_temperature"])
def test_only_glucose_is_converted_by_the_molar_mass_of_glucose(name: str) -> None:
    assert in_own_unit(name, "mg/dL", 90.0) is None


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("heart_rate", 400.0, "beat/min"),
        ("heart_rate", 0.0, None),
        ("heart_rate", -1.0, None),
        ("spo2", 101.0, "%"),
        ("spo2", 97.0, "/"),
        ("body_temperature", 98.6, None),
        ("body_temperature", 98.6, "Cel"),
        ("body_temperature", 36.6, "K"),
        ("body_temperature", 300.0, "[degF]"),
        ("systolic_bp", 16.0, "mm[Hg]"),
        ("blood_glucose", 99.0, "mmol/L"),
    ],
)
def test_a_value_that_no_body_has_is_kept_and_marked(name: str, value: float, unit: str | None) -> None:
    reading = settled(a_reading(name, value, unit))
    assert (reading.value, reading.unit, reading.mark) == (None, None, "implausible")
    assert (reading.sent_value, reading.sent_unit) == (value, unit)


@given(st.sampled_from(sorted(VITALS)), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=12))
def test_any_value_in_any_unit_is_taken_or_marked(name: str, value: float, unit: str) -> None:
    reading = settled(a_reading(name, value, unit))
    low, high = LIMITS.get(name, (float("-inf"), float("inf")))
    if reading.mark is None:
        assert reading.value is not None
        assert low <= reading.value <= high
    else:
        assert (reading.value, reading.sent_value) == (None, value)


def test_every_table_is_about_known_vitals_and_normal_ranges_lie_within_what_a_body_can_have() -> None:
    assert LIMITS.keys() | CONVERTED.keys() <= VITALS.keys()
    for name, (low, high) in LIMITS.items():
        normal = VITALS[name].range
        if normal is not None:
            assert low <= (normal.low or low) < (normal.high or high) <= high


def test_a_temperature_under_a_common_name_is_a_bodys_by_its_unit() -> None:
    sent = b'[{"n":"temp","u":"degF","v":98.6},{"n":"temp","u":"Cel","v":22}]'
    assert [reading.name for reading in read_pack(sent, "W-1", NOW_US).readings] == ["body_temperature", "temp"]


def test_a_pressure_with_its_unit_in_the_text_is_converted() -> None:
    pack = read_pack(b'[{"n":"systolic_bp","v":"16 kPa"}]', "W-1", NOW_US)
    assert [settled(reading).value for reading in pack.readings] == [120.0102]
