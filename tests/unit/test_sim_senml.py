"""SenML packs as simulated devices build them, read back with the rules of RFC 8428."""

import json

from hypothesis import given
from hypothesis import strategies as st

from device_sim.senml import MAX_BYTES, MAX_RECORDS, Reading, packs

_READINGS = st.lists(
    st.builds(
        Reading,
        st.sampled_from(["heart_rate", "steps", "worn", "motion", "some_new_thing"]),
        st.integers(1_556_000_000_000, 1_800_000_000_000).map(lambda ms: ms / 1000),
        st.one_of(st.integers(-1000, 1000), st.booleans(), st.text(max_size=200)),
    ),
    max_size=1200,
)


def _resolved(device_id: str, pack: bytes) -> list[tuple[str, float, object]]:
    base_name, base_time, found = "", 0.0, []
    for record in json.loads(pack):
        base_name = record.get("bn", base_name)
        base_time = record.get("bt", base_time)
        value = next(record[key] for key in ("v", "vb", "vs") if key in record)
        found.append(((base_name + record["n"]).removeprefix(f"{device_id}/"), base_time + record.get("t", 0), value))
    return found


@given(_READINGS)
def test_every_reading_is_in_exactly_one_pack_within_the_limits(readings: list[Reading]) -> None:
    made = packs("W-1", readings)
    assert all(len(pack) <= MAX_BYTES and len(json.loads(pack)) <= MAX_RECORDS for pack in made)
    back = [record for pack in made for record in _resolved("W-1", pack)]
    assert [(name, round(at, 3), value) for name, at, value in back] == [
        (reading.name, round(reading.at, 3), reading.value) for reading in readings
    ]


def test_a_pack_names_device_and_time_once_and_gives_ucum_units() -> None:
    (pack,) = packs(
        "W-1", [Reading("heart_rate", 100.0, 72), Reading("heart_rate", 40.0, 75), Reading("worn", 100.0, True)]
    )
    assert json.loads(pack) == [
        {"bn": "W-1/", "bt": 100.0, "n": "heart_rate", "u": "beat/min", "v": 72},
        {"n": "heart_rate", "u": "beat/min", "v": 75, "t": -60.0},
        {"n": "worn", "vb": True},
    ]
