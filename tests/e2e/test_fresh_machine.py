"""`yian up` on machines as they are: where × who × locale × what is taken.

Each is up, or one sentence says the mend.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conftest import missing
from fresh_machine import PEOPLE, Attempt, FreshMachine, disk, place

pytestmark = pytest.mark.real
AS_ROOT = os.geteuid() == 0

OLD = {"PYTHONUTF8": "0"}
"""Python's UTF-8 mode off, as before 3.15 wherever a locale is set."""
LOCALES = {
    "none": {},
    "C": {"LC_ALL": "C", **OLD},
    "POSIX": {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", **OLD},
    "absent": {"LC_ALL": "zh_CN.UTF-8", **OLD},
    "GBK": {"LANG": "zh_CN.GBK", **OLD},
}
STORES = "✓ Schema and topics"
ALL = "is up after"


@dataclass(frozen=True, slots=True)
class Row:
    where: str
    who: str
    locale: str
    taken: str
    says: str = STORES
    """Up, as far as this; or the sentence that says the mend."""


MAKE_IT_YOURS = "make it yours, or name another directory with --data."
ANOTHER_DISK = "free some, or name a directory on another disk with --data."
ROWS = [
    Row("home", "root", "C", "nothing", ALL),
    Row("another's home", "root", "none", "no home"),
    Row("blank", "root", "POSIX", "no home"),
    Row("chinese", "root", "C", "no home"),
    Row("long", "root", "absent", "nothing"),
    Row("home", "a plain user", "POSIX", "a read-only home"),
    Row("blank", "a plain user", "C", "a read-only home", ALL),
    Row("chinese", "a plain user", "GBK", "nothing"),
    Row("long", "a plain user", "C", "no home"),
    Row("chinese", "root", "absent", "the port", "is taken by"),
    Row(
        "blank", "a plain user", "absent", "a read-only folder", "make it yours, or name another directory with --data."
    ),
    Row("home", "root", "POSIX", "a full disk", ANOTHER_DISK),
    Row("chinese", "root", "C", "a read-only disk", MAKE_IT_YOURS),
    Row("home", "a user without a name", "C", "no home", "add a line for it to /etc/passwd"),
]


@pytest.fixture(scope="module")
def machine() -> Iterator[FreshMachine]:
    if not AS_ROOT:
        missing("only root can be somebody else: these rows need root")
    with TemporaryDirectory(prefix="yian-fresh-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield FreshMachine.of(Path(folder))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.where}, {row.who}, locale {row.locale}, {row.taken}")
def test_a_city_is_up_or_a_sentence_says_the_mend(machine: FreshMachine, row: Row) -> None:
    who = PEOPLE[row.who]
    with ExitStack() as stack:
        folder = stack.enter_context(place(row.where, who))
        stack.enter_context(machine.at(folder))
        attempt = Attempt(machine, who.own(_made(folder / "data")), who, {"HOME": str(folder), **LOCALES[row.locale]})
        _take(row.taken, attempt, folder, stack)
        stack.callback(attempt.forget)
        said = attempt.run(until_said=row.says)
    assert row.says in said, said
    assert "Traceback" not in said
    if row.says not in (STORES, ALL):
        assert row.says in said.strip().splitlines()[-1], said


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _take(what: str, attempt: Attempt, folder: Path, stack: ExitStack) -> None:
    match what:
        case "no home":
            attempt.environment = {**attempt.environment, "HOME": "/nonexistent"}
        case "a read-only home":
            attempt.environment = {**attempt.environment, "HOME": str(_made(folder / "home"))}
        case "a read-only folder":
            attempt.data = _made(folder / "root's")
        case "a full disk" | "a read-only disk":
            options = "size=100m,mode=777" if what == "a full disk" else "ro"
            try:
                attempt.data = stack.enter_context(disk(folder / "disk", options)) / "data"
            except OSError as refused:
                missing(str(refused))
        case "the port":
            holder = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            attempt.http_port = holder.getsockname()[1]
