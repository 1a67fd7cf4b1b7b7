"""Who dies is replaced by a process that has loaded everything already."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from yian.up.children import OwnProcess

PROGRAM = """
import os, time
from yian.spare import wait_for_turn
wait_for_turn("json")
print("begun", os.getpid(), flush=True)
time.sleep(60)
"""


class _Sleeper(OwnProcess):
    def command(self) -> Sequence[str]:
        return [sys.executable, "-c", PROGRAM]

    def begun(self) -> list[int]:
        lines = self.log_path.read_text().splitlines() if self.log_path.exists() else []
        return [int(line.split()[1]) for line in lines if line.startswith("begun")]

    def has_begun(self, pid: int) -> bool:
        until = time.monotonic() + 30
        while pid not in self.begun() and time.monotonic() < until:
            time.sleep(0.02)
        return pid in self.begun()


def a_sleeper(directory: Path, *, has_spare: bool = True) -> _Sleeper:
    return _Sleeper("sleeper", [], directory=directory, port=None, environment={}, has_spare=has_spare)


def _spares(sleeper: _Sleeper) -> set[int]:
    return {one.pid for one in psutil.Process().children() if one.cmdline()[-1:] == [PROGRAM]} - {sleeper.pid}


def the_spare(sleeper: _Sleeper) -> int:
    (spare,) = _spares(sleeper)
    return spare


def test_a_spare_process_waits_and_takes_the_place_of_one_that_died(tmp_path: Path) -> None:
    sleeper = a_sleeper(tmp_path)
    sleeper.launch()
    try:
        assert sleeper.has_begun(sleeper.pid)
        sleeper.stand_by()
        spare = the_spare(sleeper)
        sleeper.stand_by()
        assert the_spare(sleeper) == spare, "one is enough"
        assert sleeper.begun() == [sleeper.pid], "it waits"
        sleeper.kill()
        sleeper.launch()
        assert sleeper.pid == spare
        assert sleeper.has_begun(spare)
    finally:
        sleeper.halt()


@pytest.mark.parametrize("end", ["halt", "stop"])
def test_nothing_is_left_of_it_where_it_was_not_needed(tmp_path: Path, end: str) -> None:
    sleeper = a_sleeper(tmp_path)
    sleeper.launch()
    sleeper.stand_by()
    spare = the_spare(sleeper)
    getattr(sleeper, end)()
    assert not psutil.pid_exists(spare)


def test_a_spare_that_died_meanwhile_is_not_waited_for(tmp_path: Path) -> None:
    sleeper = a_sleeper(tmp_path)
    sleeper.launch()
    try:
        sleeper.stand_by()
        spare = psutil.Process(the_spare(sleeper))
        spare.kill()
        spare.wait(10)
        sleeper.stand_by()
        assert not _spares(sleeper), "one that cannot load is not started again and again"
        sleeper.kill()
        sleeper.launch()
        assert sleeper.has_begun(sleeper.pid)
    finally:
        sleeper.halt()
