"""The two chains that bench.chain compares: one without checks, and ours; each started on a stack of fresh servers."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.stack import OPERATOR, PROCESSES, Stack


@dataclass(frozen=True, slots=True)
class Chain:
    name: str
    console: str
    """http address of the app, or of the bare feed."""
    parts: list[str]
    rows: str
    """SQL that counts the rows exactly."""
    inserted: str
    """SQL that tells how many were inserted: cheaply, and up to a second late (ten, once nothing more comes)."""
    press_words: list[str]


READINGS_A_MOMENT = 3
"""Of the load."""


def _inserted(table: str, readings: int = 1) -> str:
    """The staging table's rows, which have a name like it, are not counted."""
    return f"SELECT {readings} * n_tup_ins FROM pg_stat_user_tables WHERE relname = '{table}'"


def bare_chain(stack: Stack) -> Chain:
    stack.add_bare("topics").start().wait_done()
    for part in ("writer", "feed", "gateway"):
        stack.add_bare(part).start().wait_ready()
    console = f"http://127.0.0.1:{stack.children['bare feed'].setting('YIAN_HTTP_PORT')}"
    parts = ["bare gateway", "bare writer", "bare feed"]
    return Chain("bare", console, parts, "SELECT count(*) FROM bare", _inserted("bare"), ["--bare"])


def our_chain(stack: Stack) -> Chain:
    stack.migrate()
    stack.start_all()
    console = f"http://127.0.0.1:{stack.children['app'].setting('YIAN_HTTP_PORT')}"
    words = ["--username", OPERATOR]
    rows = f"SELECT {READINGS_A_MOMENT} * count(*) FROM moments"
    return Chain("yian", console, list(PROCESSES), rows, _inserted("moments", READINGS_A_MOMENT), words)


CHAINS: dict[str, Callable[[Stack], Chain]] = {"bare": bare_chain, "yian": our_chain}
