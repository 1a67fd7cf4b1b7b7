"""The usual pack is read twice as fast, and never otherwise than by the reader of all packs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.telemetry.moments import moments_of
from services.telemetry.senml import read_pack
from services.telemetry.senml_usual import usual_moments
from services.telemetry.units import settled
from tests.examples import examples

NOW_US = 1_795_307_400_000_000
DEVICE = "W-000123"
USUAL = [
    {"bn": "W-000123/", "bt": 1795307335.25, "n": "heart_rate", "u": "beat/min", "v": 72},
    {"n": "steps", "u": "count", "v": 312},
    {"n": "body_temperature", "u": "Cel", "v": 36.6},
]

names = st.sampled_from(("heart_rate", "steps", "battery", "lat", "motion", "worn", "hr", "液位", "W-000123/spo2", ""))
figures = st.sampled_from((72, 0, 1, 36.6, 400, -3.5, 1e7, 2e7, 1e39, "72", None, True))
times = st.sampled_from((0, -60, 60.5, 1795307335.25, -8e7, 1795307335.25 - 73 * 3600))
records = st.fixed_dictionaries(
    {"n": names, "v": figures},
    optional={
        "u": st.sampled_from(("beat/min", "count", "%EL", "Cel", "K", "", None)),
        "t": times,
        "bt": times,
        "bn": st.sampled_from(("W-000123/", "W-000123:", "W-000123", "W-000124/", "urn:dev:mac:0024befffe804ff1/", "")),
        "vs": st.just("kitchen"),
        "bv": st.just(1),
        "x_": st.just(1),
    },
)


@examples(400)
@given(st.lists(records, max_size=4) | st.lists(st.sampled_from(USUAL), min_size=1, max_size=4))
def test_whatever_is_read_quickly_is_read_as_by_the_reader_of_all_packs(pack: list[dict[str, object]]) -> None:
    payload = json.dumps(pack).encode()
    quickly = usual_moments(payload, DEVICE, NOW_US)
    if quickly is None:
        return
    closely = read_pack(payload, DEVICE, NOW_US)
    assert (closely.bad, closely.mended) == ([], {})
    assert not any(reading.time_suspect for reading in closely.readings)
    assert sum(len(moment.values) for moment in quickly) == len(closely.readings)
    assert {(m.time_us, *item) for m in quickly for item in m.values.items()} == {
        (m.time_us, *item) for m in moments_of(map(settled, closely.readings)) for item in m.values.items()
    }
    assert not any(moment.extra or moment.texts for moment in moments_of(map(settled, closely.readings)))


def test_the_packs_of_the_city_are_usual() -> None:
    (moment,) = usual_moments(json.dumps(USUAL).encode(), DEVICE, NOW_US) or ()
    assert moment.values == {"heart_rate": 72.0, "steps": 312.0, "body_temperature": 36.6}
    assert (moment.device_id, moment.time_us) == (DEVICE, 1_795_307_335_250_000)


@pytest.mark.parametrize(
    "odd",
    [
        {"n": "heart_rate", "v": 400},
        {"n": "heart_rate", "v": 72, "u": "Hz"},
        {"n": "spo2", "vs": "97"},
        {"n": "spo2", "v": 97, "t": -80 * 3600},
        {"n": "skin_temperature", "v": 33},
        {"n": "motion", "v": 1},
        {"n": "steps", "v": 313},
    ],
)
def test_one_odd_record_is_enough_to_look_closely(odd: dict[str, object]) -> None:
    assert usual_moments(json.dumps([*USUAL, odd]).encode(), DEVICE, NOW_US) is None
