"""What the pool of connections promises to whoever opens a transaction."""

from collections.abc import AsyncIterator

import pytest

from services.db.pool import Database, DatabaseUnreachable

pytestmark = pytest.mark.real


@pytest.fixture
async def db(postgres_dsn: str) -> AsyncIterator[Database]:
    db = Database(postgres_dsn, connections=2, name="pool test", wait_seconds=5.0)
    await db.open()
    await db.ping()
    yield db
    await db.close()


async def cut(db: Database) -> None:
    async with await db.connect_alone() as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'pool test' AND pid <> pg_backend_pid()"
        )


async def test_a_connection_that_the_server_has_cut_is_given_to_nobody(db: Database) -> None:
    await cut(db)
    for _ in range(3):
        await db.ping()


async def test_a_statement_by_itself_keeps_no_transaction_open(db: Database) -> None:
    async with db.reading() as connection:
        await connection.execute("SELECT 1")
        assert connection.info.transaction_status.name == "IDLE"


async def test_a_server_that_takes_no_writes_is_not_written_to(postgres_dsn: str) -> None:
    db = Database(f"{postgres_dsn} options='-c default_transaction_read_only=on'", connections=1, wait_seconds=0.5)
    await db.open()
    with pytest.raises(DatabaseUnreachable):
        await db.ping()
    await db.close()
