"""Numbered migrations: `NNNN_name.sql`, or `NNNN_name.VARIANT.sql` where TimescaleDB and plain PostgreSQL differ.

Each runs once, in a transaction of its own, under one advisory lock. A file whose first line is
`-- no-transaction` is run statement by statement outside of one; its statements must bear being run again.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from services.errors import DomainError

LOCK = 0x79_69_61_6E  # "yian"
NO_TRANSACTION = "-- no-transaction"
_NAME = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)(?:\.(?P<variant>timescale|plain))?\.sql")
_DOLLAR_TAG = re.compile(r"\$[a-z_]*\$")

PLAIN = "plain"
TIMESCALE = "timescale"


class MigrationRefused(DomainError):
    code = "db.migration_refused"
    status = 500
    title = "The schema of the database does not fit this release"


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    variant: str | None
    sql: str

    @property
    def label(self) -> str:
        return f"{self.number:04d}_{self.name}" + (f".{self.variant}" if self.variant else "")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def in_transaction(self) -> bool:
        return not self.sql.startswith(NO_TRANSACTION)


@dataclass(frozen=True, slots=True)
class Applied:
    number: int
    label: str
    sha256: str


def read_migrations(files: Mapping[str, str]) -> list[Migration]:
    """File name → SQL, as `packaged()` gives them.

    :raises MigrationRefused: for a name that fits no pattern, or a number given twice.
    """
    found: dict[tuple[int, str | None], Migration] = {}
    for filename, sql in sorted(files.items()):
        match = _NAME.fullmatch(filename)
        if match is None:
            raise MigrationRefused(f"{filename} is not named NNNN_name.sql")
        migration = Migration(int(match["number"]), match["name"], match["variant"], sql)
        rivals = [other for (number, _), other in found.items() if number == migration.number]
        if any(o.variant is None or migration.variant in (None, o.variant) or o.name != migration.name for o in rivals):
            raise MigrationRefused(f"two migrations have the number {migration.number:04d}")
        found[migration.number, migration.variant] = migration
    return list(found.values())


def plan(migrations: Sequence[Migration], applied: Sequence[Applied], *, variant: str) -> list[Migration]:
    """What is still to be run, in order.

    :raises MigrationRefused: when what was run before is not what this release holds.
    """
    by_label = {migration.label: migration for migration in migrations}
    for done in applied:
        known = by_label.get(done.label)
        if known is None:
            raise MigrationRefused(f"migration {done.label} was applied but is missing here: a newer release made this")
        if known.sha256 != done.sha256:
            raise MigrationRefused(f"migration {done.label} was changed after it was applied: write a new one instead")
    newest = max((done.number for done in applied), default=0)
    numbers_done = {done.number for done in applied}
    due = [m for m in migrations if m.number not in numbers_done and m.variant in (None, variant)]
    for migration in due:
        if migration.number < newest:
            raise MigrationRefused(f"migration {migration.label} is numbered before {newest:04d}, already applied")
    return sorted(due, key=lambda migration: migration.number)


def statements(sql: str) -> Iterator[str]:
    """Splits where a line ends with `;` outside of a dollar-quoted body."""
    collected: list[str] = []
    quote: str | None = None
    for line in sql.splitlines():
        collected.append(line)
        for tag in _DOLLAR_TAG.findall(line):
            quote = None if tag == quote else (quote or tag)
        if quote is None and line.rstrip().endswith(";"):
            yield "\n".join(collected)
            collected = []
    rest = "\n".join(line for line in collected if line.strip() and not line.lstrip().startswith("--"))
    if rest:
        yield rest


def packaged() -> dict[str, str]:
    folder = resources.files("services.db") / "migrations"
    return {entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".sql")}


_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number     integer PRIMARY KEY,
    label      text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


async def migrate(
    dsn: str,
    *,
    files: Mapping[str, str] | None = None,
    on_applied: Callable[[str], None] = lambda label: None,
) -> list[str]:
    """Brings the database up to this release; returns the labels of what was run.

    :raises MigrationRefused: see `plan`; nothing was changed then.
    """
    migrations = read_migrations(packaged() if files is None else files)
    async with await _connect(dsn) as connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        await connection.execute(_TABLE)
        due = plan(migrations, await _applied(connection), variant=await available_variant(connection))
        for migration in due:
            await _run(connection, migration)
            on_applied(migration.label)
    return [migration.label for migration in due]


async def pending(dsn: str) -> list[str]:
    """Labels of what `migrate` would run. :raises MigrationRefused: see `plan`."""
    async with await _connect(dsn) as connection:
        cursor = await connection.execute("SELECT to_regclass('schema_migrations') IS NOT NULL AS there")
        row = await cursor.fetchone()
        applied = await _applied(connection) if row and row["there"] else []
        due = plan(read_migrations(packaged()), applied, variant=await available_variant(connection))
    return [migration.label for migration in due]


async def available_variant(connection: AsyncConnection[DictRow]) -> str:
    cursor = await connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'")
    return PLAIN if await cursor.fetchone() is None else TIMESCALE


async def _connect(dsn: str) -> AsyncConnection[DictRow]:
    return await AsyncConnection.connect(dsn, autocommit=True, row_factory=dict_row, application_name="yian migrate")


async def _applied(connection: AsyncConnection[DictRow]) -> list[Applied]:
    cursor = await connection.execute("SELECT number, label, sha256 FROM schema_migrations ORDER BY number")
    return [Applied(**row) for row in await cursor.fetchall()]


async def _run(connection: AsyncConnection[DictRow], migration: Migration) -> None:
    note = "INSERT INTO schema_migrations (number, label, sha256) VALUES (%s, %s, %s)"
    values = (migration.number, migration.label, migration.sha256)
    if migration.in_transaction:
        async with connection.transaction():
            await connection.execute(migration.sql.encode())
            await connection.execute(note, values)
        return
    for statement in statements(migration.sql):
        await connection.execute(statement.encode())
    await connection.execute(note, values)
