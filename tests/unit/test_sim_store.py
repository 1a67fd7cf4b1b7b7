"""What a simulated device keeps on disk."""

import subprocess
import sys
from pathlib import Path

from device_sim.store import EventStore

_WRITE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from device_sim.store import EventStore
store = EventStore(Path(sys.argv[1]))
store.keep("W-1", "a", b"first", 1.0)
store.keep("W-1", "b", b"second", 2.0)
store.settle("W-1", "a")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_unsettled_events_survive_a_kill_of_the_process(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    died = subprocess.run([sys.executable, "-c", _WRITE_AND_DIE, str(path)], check=False)
    assert died.returncode == -9
    assert EventStore(path).unsettled("W-1") == {"b": b"second"}


def test_events_come_back_oldest_first_and_only_their_own_device_s() -> None:
    store = EventStore(":memory:")
    store.keep("W-1", "z", b"1", 1.0)
    store.keep("W-2", "y", b"2", 2.0)
    store.keep("W-1", "a", b"3", 3.0)
    store.keep("W-1", "z", b"changed", 4.0)
    assert list(store.unsettled("W-1").items()) == [("z", b"1"), ("a", b"3")]


def test_events_older_than_the_wire_s_72_hours_are_given_up() -> None:
    store = EventStore(":memory:")
    store.keep("W-1", "old", b"1", 1.0)
    store.keep("W-1", "new", b"2", 100.0)
    assert store.forget_before(50.0) == 1
    assert list(store.unsettled("W-1")) == ["new"]


def test_a_configuration_is_kept_for_each_device() -> None:
    store = EventStore(":memory:")
    assert store.configuration("W-1") is None
    store.configure("W-1", b'{"report_s": 60}')
    store.configure("W-1", b'{"report_s": 30}')
    assert store.configuration("W-1") == b'{"report_s": 30}'
    assert store.configuration("W-2") is None
