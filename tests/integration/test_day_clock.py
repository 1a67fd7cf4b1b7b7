"""The clock of a simulated day holds in its own database, and in no other."""

import time
from datetime import UTC, datetime, timedelta

import psycopg

from services.db.migrate import migrate
from yian.day.clock import DayClock, set_database
from yian.servers import PostgresServer

DAWN = datetime(2031, 3, 4, 6, tzinfo=UTC)


async def test_statements_and_defaults_of_the_platform_have_the_days_clock_without_knowing(
    postgres: PostgresServer, postgres_dsn: str
) -> None:
    dsn = postgres.create_database("a_simulated_day")
    clock = DayClock(DAWN, time.time() - 1.0, 1000.0)
    set_database(dsn, clock)
    await migrate(dsn)
    with psycopg.connect(dsn) as connection:
        said = connection.execute("SELECT clock_timestamp(), max(applied_at), now() FROM schema_migrations").fetchone()
    assert said is not None
    for moment in said:
        assert timedelta() <= clock.now() - moment < timedelta(hours=3)
    with psycopg.connect(postgres_dsn) as elsewhere:
        other = elsewhere.execute("SELECT clock_timestamp()").fetchone()
    assert other is not None
    assert abs(other[0] - datetime.now(UTC)) < timedelta(seconds=5)
    postgres.drop_database("a_simulated_day")
