"""Recorded homes as devices on the wire."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from device_sim import tihm
from device_sim.tihm import Sample

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "tihm"


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    (tmp_path / "activity").mkdir()
    (tmp_path / "Physiology.csv").write_text(
        "patient_id,date,device_type,value,unit\r\n"
        "0697d,2019-06-28 13:42:09,Body Temperature,36.072,Cel\r\n"
        "0697d,2019-06-28 13:42:09,Heart rate,70,beats/min\r\n"
        "0697d,2019-06-28 13:42:09,Body Temperature,36.072,Cel\r\n"
        "0697d,2019-06-28 13:42:10,O/E - muscle mass,40.5,kg\r\n"
    )
    (tmp_path / "activity" / "0697d.csv").write_text(
        "id,location_name,date,day,half\n0697d,fridge-door,2019-06-28 13:42:09,2019-06-28,12-24\n"
    )
    (tmp_path / "activity" / "16f4b.csv").write_text(
        "id,location,date-time,date\n"
        "16f4b,hallway,2019-06-28 13:42:09,2019-06-28\n16f4b,bedroom,2019-06-28 13:42:09,2019-06-28\n"
    )
    return tmp_path


def test_rows_become_samples_under_the_wire_s_names_and_exact_repeats_count_once(homes: Path) -> None:
    at = 1561729329.0
    assert tihm.samples(homes) == [
        Sample(at, "TIHM-0697d", "body_temperature", 36.072),
        Sample(at, "TIHM-0697d", "heart_rate", 70.0),
        Sample(at, "TIHM-0697d-fridge-door", "door", "fridge-door"),
        Sample(at, "TIHM-16f4b-bedroom", "motion", "bedroom"),
        Sample(at, "TIHM-16f4b-hallway", "motion", "hallway"),
        Sample(at + 1, "TIHM-0697d", "muscle_mass", 40.5),
    ]


def test_two_rooms_in_the_same_second_are_two_devices(homes: Path) -> None:
    keys = Counter((sample.device_id, sample.name, sample.at) for sample in tihm.samples(homes))
    assert max(keys.values()) == 1


def test_the_devices_a_replay_needs_can_be_listed(homes: Path) -> None:
    assert tihm.device_ids(homes) == [
        "TIHM-0697d",
        "TIHM-0697d-fridge-door",
        "TIHM-16f4b-bedroom",
        "TIHM-16f4b-hallway",
    ]


@pytest.mark.skipif(not RECORDED.exists() and os.environ.get("CI") != "true", reason="the TIHM data set is not here")
def test_every_row_of_the_recorded_homes_is_a_reading_of_its_own() -> None:
    rows: set[tuple[str, ...]] = set()
    with (RECORDED / "Physiology.csv").open(newline="") as file:
        rows |= {(row["patient_id"], row["date"], row["device_type"], row["value"]) for row in csv.DictReader(file)}
    for path in (RECORDED / "activity").glob("*.csv"):
        with path.open(newline="") as file:
            rows |= {tuple(row[:3]) for row in list(csv.reader(file))[1:]}
    samples = tihm.samples(RECORDED)
    assert len(samples) == len(rows) == 197_365
    assert len({(sample.device_id, sample.name, sample.at) for sample in samples}) == len(samples)
    assert not {sample.name for sample in samples} - {*tihm.NAMES.values(), "motion", "door"}
