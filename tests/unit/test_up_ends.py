"""Ctrl-C ends `yian up` in silence, wherever it happens to be."""

import signal
import subprocess
import sys

AMIDST_TASKS = f"""
import asyncio, gc, os
from yian.up.command import Ended, ends_with_a_signal

async def asked_to_end():
    os.kill(os.getpid(), {int(signal.SIGINT)})
    await asyncio.sleep(0)

async def at_work():
    await asyncio.gather(asked_to_end(), asyncio.sleep(1))

try:
    with ends_with_a_signal():
        asyncio.run(at_work())
except Ended:
    gc.collect()
    print("ended")
"""


def test_tasks_that_the_signal_cuts_off_are_not_reported_as_failures() -> None:
    done = subprocess.run([sys.executable, "-c", AMIDST_TASKS], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("ended\n", "")


AT_THE_VERY_END = f"""
import os
from yian.up.command import ends_with_a_signal

with ends_with_a_signal():
    pass
os.kill(os.getpid(), {int(signal.SIGINT)})
print("ended")
"""


def test_a_signal_while_the_process_is_leaving_changes_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", AT_THE_VERY_END], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("ended\n", "")
