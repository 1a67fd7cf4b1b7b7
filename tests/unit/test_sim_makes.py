"""A simulated device is what its id says, and is where its bearer lives."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from device_sim.commands import app
from device_sim.identities import Identity, read_identities
from device_sim.makes import make_of
from device_sim.whereabouts import fix_of


def names(device_id: str) -> set[str]:
    reporter = make_of(device_id).reporter
    return {reading.name for minute in range(200) for reading in reporter.minute(float(minute))}


def test_a_watch_reports_its_wearer() -> None:
    assert {"heart_rate", "steps", "spo2", "battery"} == names("W-000001")


@pytest.mark.parametrize("device_id", ["S-000001", "G-000001", "P-000001"])
def test_what_hangs_on_a_wall_or_a_cord_has_no_pulse(device_id: str) -> None:
    assert names(device_id) == {"battery", "signal"}


def test_a_cuff_reports_blood_pressure_and_a_door_its_door() -> None:
    assert {"systolic_bp", "diastolic_bp"} <= names("B-000001")
    assert "door" in names("D-000001")


def test_only_a_smoke_detector_smells_smoke() -> None:
    assert "smoke" in make_of("S-000001").alarms
    assert "smoke" not in make_of("W-000001").alarms
    assert "sos" not in make_of("S-000001").alarms


@pytest.mark.parametrize("device_id", ["S-001", "L-0001", "anything_else"])
def test_an_id_that_is_not_of_the_demo_city_is_a_watch(device_id: str) -> None:
    assert "heart_rate" in names(device_id)


def test_a_device_is_within_a_few_hundred_metres_of_home_and_always_there() -> None:
    identity = Identity("W-000001", "s", home=(29.8, 115.2))
    fix = fix_of(identity)
    assert abs(fix.lat - 29.8) < 0.004
    assert abs(fix.lon - 115.2) < 0.004
    assert fix_of(identity) == fix


def test_credentials_are_read_with_and_without_a_home(tmp_path: Path) -> None:
    file = tmp_path / "devices.json"
    file.write_text(
        json.dumps({"W-1": "plain", "W-2": {"secret": "s", "lat": 30.0, "lon": 115.0}, "W-3": {"secret": "t"}})
    )
    known = read_identities(file)
    assert [identity.secret for identity in known.values()] == ["plain", "s", "t"]
    assert [identity.home for identity in known.values()] == [None, (30.0, 115.0), None]


def test_a_place_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["press", "W-1", "--at", "north"])
    assert said.exit_code == 2
    assert "LAT,LON" in said.output
