"""Who gets the processor first when it is short: what carries alarms, then everybody, then what may wait.

Source: sched(7).
"""

import os
from contextlib import suppress
from pathlib import Path

NICE = 10
AUTOGROUP = "/proc/{pid}/autogroup"
"""Where Linux schedules by session (autogroup), the niceness of a process counts only within its session; this file
holds the session's niceness."""
LOWEST_REAL_TIME = 1


def carry_alarms() -> None:
    """For a process that carries alarms and little else: it runs as soon as it has something to do, before all that is
    not real-time. Call it before threads are started. Where the system does not permit it (`LimitRTPRIO`, `ulimit -r`),
    it has an equal share, as before."""
    make_first(os.getpid())


def carries_alarms(pid: int = 0) -> bool:
    """:param pid: 0 is this process"""
    return hasattr(os, "SCHED_RR") and os.sched_getscheduler(pid) == os.SCHED_RR


def make_first(pid: int) -> None:
    """As far as permitted."""
    if hasattr(os, "SCHED_RR"):
        with suppress(OSError):
            os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(LOWEST_REAL_TIME))


def let_alarms_go_first(nice: int = NICE) -> None:
    """For a process that carries no alarms, and may wait."""
    make_nice(os.getpid(), nice)


def make_nice(pid: int, nice: int = NICE) -> None:
    """As far as permitted: for processes of the same user, or as root for any."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
        if os.getsid(pid) == pid:
            Path(AUTOGROUP.format(pid=pid)).write_text(str(nice))
