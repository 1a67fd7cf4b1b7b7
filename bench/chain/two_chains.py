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


def _inserted(table: str) -> str:
    """The staging table's rows, which have a name like it, are not counted."""
    return f"SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = '{table}'"


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
    return Chain("yian", console, list(PROCESSES), "SELECT count(*) FROM readings", _inserted("readings"), words)


CHAINS: dict[str, Callable[[Stack], Chain]] = {"bare": bare_chain, "yian": our_chain}
