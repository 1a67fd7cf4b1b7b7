"""The machine code of the dispatch search: made once the city is up, at the lowest priority, so that nobody waits."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from yian.servers import ServerError, ServerProcess
from yian.servers.places import CHECKOUT


class SearchCompiler(ServerProcess):
    """A process that ends by itself."""

    name = "search"

    def needs_port(self) -> bool:
        return False

    def command(self) -> Sequence[str]:
        return ["nice", "-n", "19", sys.executable, "-m", "dispatch.kernel.warmup"]

    def working_directory(self) -> Path:
        return CHECKOUT

    def is_ready(self) -> bool:
        return self.running


def is_compiled() -> bool:
    from dispatch.kernel import cache  # reads the compiler's library: not for every `yian --help`

    place = cache.folder()
    return place is not None and cache.is_complete(place)


class SearchWatch:
    """Says that it is being compiled, and how that ended."""

    def __init__(self, directory: Path, say: Callable[[str], None]) -> None:
        self._compiler = SearchCompiler(directory=directory)
        self._say = say

    def start(self) -> None:
        if is_compiled():
            return
        self._say("  … The dispatch search is being compiled beside it, once for this version: two to four minutes.")
        try:
            self._compiler.launch()
        except (ServerError, OSError) as error:
            self._say(f"  ! The dispatch search could not be compiled: {error}")

    def look(self) -> None:
        code = self._compiler.exit_code
        if code is None:
            return
        if code == 0 and is_compiled():
            self._say("  ✓ The dispatch search is compiled.")
        else:
            why = f"{self._compiler.last_log_line()} (see {self._compiler.log_path})"
            self._say(f"  ! The dispatch search is not compiled: {why}. `make kernel` tries again.")
        self._compiler.halt()

    def end(self) -> None:
        self._compiler.kill()
