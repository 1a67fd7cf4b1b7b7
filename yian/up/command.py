"""From the options of `yian up` to a running city, and its end."""

import logging
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from yian.plain_errors import sentence
from yian.town import DEMO_USERS
from yian.up.city import Secrets
from yian.up.lock import Lock
from yian.up.plan import Options
from yian.up.run import Run
from yian.up.say import Progress
from yian.up.supervisor import Supervisor
from yian.up.trouble import check_ports, check_space


class Ended(KeyboardInterrupt):
    """A signal asked us to end. It derives from KeyboardInterrupt, so that neither our code nor asyncio takes it for a
    failure."""


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
_ASKED_AGAIN_AFTER_S = 1.0


@contextmanager
def ends_with_a_signal() -> Iterator[None]:
    """Turns signals into `Ended`. Python drops an exception that is raised in the callbacks of a fork, so an alarm
    signal asks again. Then nothing more is printed about it, nor about what was half made at that moment (a loop, a
    task, a coroutine) and is found later. Afterwards signals change nothing."""
    asked = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        warnings.simplefilter("ignore", RuntimeWarning)
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        signal.setitimer(signal.ITIMER_REAL, _ASKED_AGAIN_AFTER_S)
        raise Ended

    def lost(what: "sys.UnraisableHookArgs") -> None:
        if not asked:
            sys.__unraisablehook__(what)

    sys.unraisablehook = lost
    for number in _ENDING:
        signal.signal(number, end)
    try:
        yield
    finally:
        _further_signals_change_nothing()
        signal.setitimer(signal.ITIMER_REAL, 0)
        if not asked:
            sys.unraisablehook = sys.__unraisablehook__


def _further_signals_change_nothing() -> None:
    """The process is ending: Python would answer a signal amid its own end with a traceback."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


def up(options: Options) -> int:
    """Returns the exit code."""
    progress = Progress()
    supervisor = Supervisor(progress.line)
    try:
        with ends_with_a_signal():
            options.data.make()
            with Lock(options.data.of("lock")) as lock:
                if lock.left_behind_by:
                    progress.line(f"  The last run (pid {lock.left_behind_by}) was cut off; going on from its data.")
                try:
                    _live(options, progress, supervisor)
                finally:
                    _end(progress, supervisor)
    except Ended:
        return 0
    except Exception as error:
        said = sentence(error)
        if said is None:
            raise
        print(f"\n{said}", file=sys.stderr)
    return 1


def _live(options: Options, progress: Progress, supervisor: Supervisor) -> None:
    check_space(options.data.root)
    check_ports(options.ports())
    secrets = Secrets.of(options.data, [user.username for user in DEMO_USERS])
    run = Run(options, progress, supervisor, secrets)
    run.everything()
    run.tell()
    run.watch()


def _end(progress: Progress, supervisor: Supervisor) -> None:
    """Ending takes seconds, and what is left is killed."""
    _further_signals_change_nothing()
    if supervisor.has_charges:
        progress.line("\n  Ending…")
        supervisor.end()
        progress.line("  Everything has ended; the data stays.")
