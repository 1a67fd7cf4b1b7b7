"""Keeps the children alive, says so when one died, and ends them all in order."""

import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from yian.servers import ServerError, ServerProcess

_LONGEST_WAIT_S = 30.0
_HEALTHY_AFTER_S = 60.0


@dataclass(slots=True)
class Charge:
    """A child being looked after."""

    server: ServerProcess
    started_at: float = field(default_factory=time.monotonic)
    failures: int = 0
    due_at: float | None = None
    """When it is to be started again; None: it was started."""
    coming_back: bool = False
    """Started again, and not ready yet."""

    def wait_s(self) -> float:
        """At once the first time, later and later when it keeps dying."""
        return min(_LONGEST_WAIT_S, 2.0**self.failures - 1)


class Supervisor:
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._charges: list[Charge] = []

    def start(self, server: ServerProcess) -> None:
        """In this thread: the kernel ends a child with the thread that started it."""
        self._charges.append(Charge(server))
        server.start()

    def launch(self, servers: Sequence[ServerProcess]) -> None:
        """Without waiting for them."""
        for server in servers:
            self._charges.append(Charge(server))
            server.launch()

    @property
    def has_charges(self) -> bool:
        return bool(self._charges)

    def watch_once(self) -> None:
        """Start again what has died, without waiting for it: others may die meanwhile."""
        now = time.monotonic()
        for charge in self._charges:
            if charge.due_at is None and not charge.server.running:
                self._mourn(charge, now)
            if charge.due_at is not None:
                if charge.due_at <= now:
                    self._start_again(charge)
            elif charge.coming_back and charge.server.is_ready():
                charge.coming_back = False
                self._say(f"  ✓ {charge.server.name} is back (pid {charge.server.pid}).")
            elif now - charge.started_at > _HEALTHY_AFTER_S:
                charge.failures = 0
                charge.server.stand_by()

    def _mourn(self, charge: Charge, now: float) -> None:
        wait = charge.wait_s()
        when = "starting it again" if wait < 1 else f"starting it again in {wait:.0f} s"
        self._say(f"  ! {charge.server.name} {_how_it_ended(charge.server)}; {when}.")
        charge.failures += 1
        charge.due_at = now + wait

    def _start_again(self, charge: Charge) -> None:
        charge.started_at = time.monotonic()
        try:
            charge.server.launch()
        except (ServerError, OSError) as error:
            self._say(f"  ! {error}")
            charge.due_at = charge.started_at + charge.wait_s()
            charge.failures += 1
        else:
            charge.due_at = None
            charge.coming_back = True

    def end(self) -> None:
        """Ends our own processes first, all at once; then the servers they need, the last started first."""
        waves: list[list[ServerProcess]] = [[]]
        for charge in reversed(self._charges):
            if charge.server.supports_others:
                waves.append([charge.server])
            else:
                waves[0].append(charge.server)
        with ThreadPoolExecutor(max_workers=16) as pool:
            for wave in waves:
                list(pool.map(lambda server: server.halt(timeout_s=10.0), wave))
        self._charges.clear()


def _how_it_ended(server: ServerProcess) -> str:
    code = server.exit_code
    if code is None:
        return "is gone"
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    last = server.last_log_line()
    return f"ended with code {code}: {last[:300]} (see {server.log_path})"
