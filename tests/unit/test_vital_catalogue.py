"""What a figure means."""

import pytest

from services.telemetry.catalogue import VITALS, judge


@pytest.mark.parametrize(
    ("name", "sent", "loinc", "unit"),
    [
        ("heart_rate", "beat/min", "8867-4", "/min"),
        ("body_temperature", "Cel", "8310-5", "Cel"),
        ("systolic_bp", "mm[Hg]", "8480-6", "mm[Hg]"),
        ("diastolic_bp", "mm[Hg]", "8462-4", "mm[Hg]"),
        ("spo2", "%", "59408-5", "%"),
    ],
)
def test_vitals_carry_their_loinc_code_and_ucum_unit(name: str, sent: str, loinc: str, unit: str) -> None:
    judged = judge(name, sent, None)
    assert (judged.loinc, judged.unit) == (loinc, unit)


def test_a_figure_outside_its_range_is_marked() -> None:
    assert judge("heart_rate", "beat/min", 130).out_of_range
    assert judge("heart_rate", "beat/min", 40).out_of_range
    assert not judge("heart_rate", "beat/min", 50).out_of_range
    assert judge("spo2", None, 88).out_of_range


def test_a_figure_in_an_unknown_unit_is_told_as_sent_and_not_judged() -> None:
    judged = judge("body_temperature", "[degF]", 99.0)
    assert (judged.unit, judged.loinc, judged.range, judged.out_of_range) == ("[degF]", None, None, False)


def test_an_unknown_name_is_told_as_sent() -> None:
    assert judge("skin_temperature", "Cel", 33.0).unit == "Cel"


def test_every_range_is_a_range() -> None:
    for vital in VITALS.values():
        if vital.range and vital.range.low is not None and vital.range.high is not None:
            assert vital.range.low < vital.range.high
