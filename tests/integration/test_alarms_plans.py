"""What a press asks PostgreSQL is looked up, whatever the tables held when its plan was made: it is kept for long."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from services.alarms.raising import raise_alarms
from services.db.pipeline import Pipeline, Statement
from tests.integration.alarm_desk import Desk, an_event

TABLES = [  # in this order, for they only grow: cases there are, of them open, whether PostgreSQL has counted them
    pytest.param(0, 0, False, id="empty on the first day"),
    pytest.param(40, 40, False, id="all open and never counted"),
    pytest.param(60, 2, True, id="few and hardly one open"),
    pytest.param(1000, 5, True, id="many and few open"),
    pytest.param(1000, 1000, True, id="all open"),
]


HEAR = "hear(ARRAY['W-1'], ARRAY['e1'], ARRAY['device.sos #d1'], ARRAY['d1:sos'])"


LOCK_OPEN = "lock_open(ARRAY['W-1', 'W-2'])"
NOTE = "note('W-1', 'e1', 'device.test', 'test', now(), now(), now(), '{}', 1, 100, '1 hour')"


@pytest.mark.parametrize(("asked", "at_least"), [(HEAR, 5), (LOCK_OPEN, 4), (NOTE, 1)], ids=["hear", "open", "note"])
@pytest.mark.parametrize(("cases", "left_open", "counted"), TABLES)
async def test_what_a_press_asks_is_looked_up_and_nothing_is_read_whole(
    desk: Desk, postgres_dsn: str, asked: str, at_least: int, cases: int, left_open: int, counted: bool
) -> None:
    await open_cases(desk, cases)
    async with await psycopg.AsyncConnection.connect(postgres_dsn, autocommit=True) as connection:
        await connection.execute(LEAVE_OPEN, [left_open])
        if counted:
            await connection.execute("VACUUM ANALYZE")
    plan = await plan_of(desk, asked)
    read = [node for node in plan if node["Node Type"] == "Seq Scan" or "Index Name" in node]
    assert len(read) >= at_least
    assert [node for node in read if "Index Cond" not in node] == []


LEAVE_OPEN = """
WITH place AS (SELECT id, row_number() OVER (ORDER BY device_id) <= %s AS open FROM alarm_cases)
UPDATE alarm_cases c SET state = CASE WHEN open THEN 'open' ELSE 'closed' END,
                         closed_at = CASE WHEN open THEN NULL ELSE clock_timestamp() END
  FROM place WHERE place.id = c.id AND open = (state = 'closed')
"""


async def open_cases(desk: Desk, wanted: int) -> None:
    """As many devices have had an alarm; every other of them is somebody's."""
    (have,) = await desk.rows("SELECT count(DISTINCT device_id) FROM alarm_cases WHERE device_id <> 'W-press'")
    devices = [f"W-{number:04}" for number in range(have["count"], wanted)]
    for device in devices[::2]:
        await desk.an_elder(device)
    await desk.raise_(*[an_event(device) for device in devices])


async def plan_of(desk: Desk, asked: str) -> list[dict[str, Any]]:
    pipeline = Pipeline(desk.db)
    for _ in range(2):  # the second press asks for the open case too
        async with pipeline.transaction() as turns:
            await raise_alarms(turns, [an_event("W-press"), an_event("W-press", "test")])
    async with pipeline.transaction() as turns:
        answer = await turns.ask(Statement("explain", f"EXPLAIN (FORMAT JSON) EXECUTE {asked}"))
    await pipeline.close()
    return list(nodes_of(json.loads(answer or b"")[0]["Plan"]))


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes_of(below)
