"""What simulated firmware understands of commands and receipts, and of its credentials file."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from device_sim.commands import app
from device_sim.identities import Identity, UnknownDevice, find_identity
from device_sim.orders import read_command, read_receipts

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def _command(**changes: object) -> bytes:
    made = {
        "specversion": "1.0",
        "id": "c1",
        "source": "/platform",
        "type": "command.config",
        "data": {"report_s": 30, "expires_at": (NOW + timedelta(minutes=1)).isoformat()},
    }
    return json.dumps({**made, **changes}).encode()


def test_a_command_tells_its_kind_its_data_and_when_it_expires() -> None:
    command = read_command(_command())
    assert command is not None
    assert (command.id, command.kind, command.data["report_s"]) == ("c1", "config", 30)
    assert not command.expired(NOW)
    assert command.expired(NOW + timedelta(minutes=1))


def test_a_command_without_an_end_never_expires() -> None:
    command = read_command(_command(data={}))
    assert command is not None
    assert not command.expired(NOW + timedelta(days=365))


def test_what_is_not_a_command_is_ignored() -> None:
    assert read_command(_command(type="alarm.case_opened.v1")) is None
    assert read_command(_command(id=None)) is None
    assert read_command(b"[]") is None


@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.text(max_size=5) | st.floats(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "status", "data"]), inner)
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_any_bytes_from_the_platform_are_survived(payload: bytes) -> None:
    read_command(payload)
    read_receipts(payload)


def test_a_device_without_a_secret_is_named_with_the_mend(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    with pytest.raises(UnknownDevice, match="yian devices provision"):
        find_identity(path, "W-000123")
    path.write_text('{"W-000123": "s3cret"}')
    assert find_identity(path, "W-000123").secret == "s3cret"
    with pytest.raises(UnknownDevice, match="W-000124"):
        find_identity(path, "W-000124")


@pytest.mark.parametrize("device_id", ["", "-a1", "ab", "a/b", "a+b", "x" * 65])
def test_a_device_id_keeps_to_the_wire_s_alphabet(device_id: str) -> None:
    with pytest.raises(ValueError, match="not a device id"):
        Identity(device_id, "s")


def test_pressing_a_device_nobody_provisioned_ends_with_one_sentence(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["press", "W-000123", "--devices-file", str(tmp_path / "none.json")])
    assert told.exit_code == 2
    assert "yian devices provision" in told.output
