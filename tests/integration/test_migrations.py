"""Migrations on a real PostgreSQL."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from services.alarms.identity import happening_of
from services.db.migrate import MigrationRefused, migrate, packaged, pending
from tests.integration.alarm_desk import an_event
from yian.servers import PostgresServer


@pytest.fixture
def dsn(postgres: PostgresServer) -> Iterator[str]:
    postgres.drop_database("migrations")
    yield postgres.create_database("migrations")
    postgres.drop_database("migrations")


def ask(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


async def test_every_migration_runs_once(dsn: str) -> None:
    due = await pending(dsn)
    assert len(due) >= 5
    told: list[str] = []
    assert await migrate(dsn, on_applied=told.append) == due == told
    assert await migrate(dsn) == []
    assert await pending(dsn) == []


async def test_two_at_once_do_not_meet(dsn: str) -> None:
    first, second = await asyncio.gather(migrate(dsn), migrate(dsn))
    assert sorted(map(len, (first, second))) == [0, len(first or second)]


async def test_a_migration_that_fails_leaves_nothing_behind(dsn: str) -> None:
    files = {"0001_a.sql": "CREATE TABLE a ();", "0002_b.sql": "CREATE TABLE b (); SELECT nonsense;"}
    with pytest.raises(psycopg.errors.UndefinedColumn):
        await migrate(dsn, files=files)
    assert ask(dsn, "SELECT to_regclass('a') IS NOT NULL, to_regclass('b') IS NULL") == [(True, True)]
    files["0002_b.sql"] = "CREATE TABLE b ();"
    assert await migrate(dsn, files=files) == ["0002_b"]


async def test_a_migration_may_ask_to_run_outside_of_a_transaction(dsn: str) -> None:
    index = "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_x ON a (x);"
    sql = f"-- no-transaction\nCREATE TABLE IF NOT EXISTS a (x int);\n{index}\n"
    assert await migrate(dsn, files={"0001_a.sql": sql}) == ["0001_a"]
    assert await migrate(dsn, files={"0001_a.sql": sql}) == []
    assert ask(dsn, "SELECT to_regclass('a_x') IS NOT NULL") == [(True,)]


async def test_a_changed_migration_is_refused_before_anything_is_done(dsn: str) -> None:
    files = {"0001_a.sql": "CREATE TABLE a ();"}
    await migrate(dsn, files=files)
    changed = {"0001_a.sql": "CREATE TABLE a (x int);", "0002_b.sql": "CREATE TABLE b ();"}
    with pytest.raises(MigrationRefused, match="0001_a was changed"):
        await migrate(dsn, files=changed)
    with pytest.raises(MigrationRefused, match="0001_a was applied but is missing"):
        await pending(dsn)
    assert ask(dsn, "SELECT to_regclass('b') IS NULL") == [(True,)]


async def test_timescaledb_is_used_where_it_can_be_had(time_series_dsn: str) -> None:
    await migrate(time_series_dsn)
    available = ask(time_series_dsn, "SELECT count(*) FROM pg_available_extensions WHERE name = 'timescaledb'")[0][0]
    chosen = "timescale" if available else "plain"
    label = ask(time_series_dsn, "SELECT label FROM schema_migrations WHERE number = 5")
    assert label == [(f"0005_telemetry.{chosen}",)]
    assert f"0005_telemetry.{chosen}.sql" in packaged()


async def test_hourly_and_daily_figures_are_those_of_the_readings(time_series_dsn: str) -> None:
    dsn = time_series_dsn
    await migrate(dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "WITH one AS (INSERT INTO device_numbers (device_id) VALUES ('W-1') RETURNING device)"
            " INSERT INTO moments (device, time, heart_rate)"
            " SELECT device, t, extract(minute FROM t) FROM one, generate_series("
            "   timestamptz '2026-11-21 15:00Z', timestamptz '2026-11-21 16:59Z', interval '1 minute') AS t"
        )
        hours = "ARRAY['2026-11-21 15:00Z', '2026-11-21 16:00Z']::timestamptz[]"
        connection.execute(f"SELECT touch_hours(array_agg(device) || array_agg(device), {hours}) FROM device_numbers")
    hourly = ask(dsn, "SELECT n, avg_value, min_value, max_value FROM readings_hourly ORDER BY hour")
    assert hourly == [(60, 29.5, 0.0, 59.0)] * 2
    days = ask(dsn, "SELECT day AT TIME ZONE 'Asia/Shanghai', n FROM readings_daily ORDER BY day")
    assert [(str(day), n) for day, n in days] == [("2026-11-21 00:00:00", 60), ("2026-11-22 00:00:00", 60)]


HEARD_BEFORE = """
INSERT INTO inbox (device_id, event_id) VALUES ('W-1', 'timed'), ('W-1', 'timeless'), ('W-1', 'test'), ('W-1', 'gone');
INSERT INTO alarm_cases (id, version, kind, join_key, subject, priority, worklist, state, device_id, response_plan,
                         opened_at, occurred_at, received_at, rang_at, time_suspect, press_count)
VALUES (gen_random_uuid(), 2, 'sos', 'sos', 'device:W-1', 1, false, 'open', 'W-1', '{}', now(), now(), now(), now(),
        false, 2);
INSERT INTO alarm_timeline (case_id, seq, move, state, recorded_at, device_at, detail)
SELECT id, seq, move, 'open', now(), device_at, jsonb_build_object('device_id', 'W-1', 'event_id', event_id,
                                                                  'wire_type', 'device.SOS')
  FROM alarm_cases, (VALUES (1, 'open', 'timed', timestamptz '2026-11-22 12:00:00.123456+08'),
                            (2, 'press', 'timeless', NULL)) AS line (seq, move, event_id, device_at);
INSERT INTO alarm_case_events (case_id, device_id, event_id, occurred_at, received_at, owed)
SELECT id, 'W-1', event_id, now(), now(), true FROM alarm_cases, unnest(ARRAY['timed', 'timeless']) AS event_id;
INSERT INTO device_notes (device_id, event_id, note, occurred_at, device_time, received_at, data)
VALUES ('W-1', 'test', 'test', now(), '2026-11-22 12:00:00+08', now(), '{}');
"""


async def test_what_was_heard_before_is_known_by_its_type_and_time_when_happenings_are_told_apart(dsn: str) -> None:
    await migrate(dsn, files={name: sql for name, sql in packaged().items() if name < "0011"})
    with psycopg.connect(dsn) as connection:
        connection.execute(HEARD_BEFORE.encode())
    await migrate(dsn)
    at = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    timed = an_event("W-1", wire_type="device.sos", device_time=at.replace(microsecond=123456))
    assert dict(ask(dsn, "SELECT event_id, happening FROM inbox")) == {
        "timed": happening_of(timed),
        "timeless": "device.sos",
        "test": happening_of(an_event("W-1", "test", device_time=at)),
        "gone": "",
    }
    assert ask(dsn, "SELECT count(*) FROM alarm_case_events WHERE happening = ''") == [(2,)]


LINKED = """
INSERT INTO regions VALUES ('420202', '演示区', 'county', NULL);
INSERT INTO elders (id, name, sex, birth_date, ability_level, living_situation, address, region_code)
SELECT gen_random_uuid(), '王银杏', 'female', '1940-03-01', 'mild', 'alone', '演示路1号', '420202';
INSERT INTO accounts (id, username, name, role, password_hash)
SELECT gen_random_uuid(), 'family', '家属', 'family', '-';
INSERT INTO account_elders SELECT a.id, e.id FROM accounts a, elders e;
"""


async def test_a_family_may_do_for_its_elders_what_it_could_before_there_were_grants(dsn: str) -> None:
    await migrate(dsn, files={name: sql for name, sql in packaged().items() if name < "0025"})
    with psycopg.connect(dsn) as connection:
        connection.execute(LINKED.encode())
    await migrate(dsn)
    kinds = "g.kinds = ARRAY['see', 'order', 'follow', 'health', 'position']"
    held = f"SELECT e.name, g.state, g.until, {kinds}, m.how FROM grants g JOIN elders e ON e.id = g.elder_id"
    held += " JOIN grant_moves m ON m.grant_id = g.id"
    assert ask(dsn, held) == [("王银杏", "confirmed", None, True, "on_file")]
    assert ask(dsn, "SELECT to_regclass('account_elders') IS NULL") == [(True,)]
