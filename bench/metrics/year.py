"""A year of facts, made on the database itself: what is measured is not how fast they are made."""

from datetime import date

from services.db.pool import Database
from services.elders.store_regions import RegionStore, packaged_regions
from services.metrics import handlers
from services.metrics.model import Subject
from services.metrics.store_counted import TABLES

PROVIDERS, MODELS = 60, 12
VILLAGE = 12
"""Digits of a code."""
_PLACES = "(SELECT array_agg(code ORDER BY code) FROM regions WHERE length(code) = 12)"
_VILLAGE = "p.codes[1 + (random() * (cardinality(p.codes) - 1))::int]"

_CASES = f"""
WITH c AS MATERIALIZED (
    SELECT gen_random_uuid() AS id, %(first)s::timestamptz + random() * interval '364 days' AS at,
           {_VILLAGE} AS region,
           'model ' || (random() * {MODELS})::int AS model, 4 + 200 * power(random(), 6) AS waits, random() AS luck
      FROM generate_series(1, %(n)s), (SELECT {_PLACES} AS codes) p)
INSERT INTO case_facts (batch, event_id, case_id, version, move, state, happened_at, received_at, occurred_at,
                        opened_at, claimed_at, closed_at, kind, worklist, region_code, device_id, device_model,
                        presses, outcome)
SELECT 0, c.id || ':' || v, c.id, v, (ARRAY['open', 'claim', 'close'])[v], (ARRAY['open', 'claimed', 'closed'])[v],
       at + (v - 1) * waits * interval '1 second', at, at, at,
       CASE WHEN v > 1 THEN at + waits * interval '1 second' END, CASE WHEN v = 3 THEN at + interval '10 minutes' END,
       'sos', luck < 0.1, region, 'W-' || left(c.id::text, 6), model, 1,
       CASE WHEN v = 3 THEN CASE WHEN luck > 0.6 THEN 'false_alarm' ELSE 'handled_by_phone' END END
  FROM c, generate_series(1, 3) v
"""
_VISITS = f"""
WITH c AS MATERIALIZED (
    SELECT gen_random_uuid() AS id, %(first)s::timestamptz + random() * interval '364 days' AS due,
           {_VILLAGE} AS region,
           lpad((1 + random() * {PROVIDERS - 1})::int::text, 32, '0')::uuid AS provider, random() AS luck,
           gen_random_uuid() AS worker
      FROM generate_series(1, %(n)s), (SELECT {_PLACES} AS codes) p)
INSERT INTO visit_facts (batch, event_id, visit_id, order_id, version, move, own, state, happened_at, received_at,
                         placed_at, day, due_at, region_code, elder_id, provider_id, service_code, worker_id, usual)
SELECT 0, c.id || ':' || v, c.id, c.id, v, (ARRAY['place', 'assign', 'offer', 'accept', 'begin', 'end'])[v], v > 1,
       (ARRAY['waiting', 'planned', 'offered', 'accepted', 'in_service', 'done'])[v],
       CASE WHEN v < 5 THEN due - interval '20 hours' + v * luck * interval '10 minutes'
            ELSE due + (luck * 40 - 25 + v - 5) * interval '1 minute' END,
       due, due - interval '20 hours', due::date, due, region, c.id, provider, 'bath_assist',
       CASE WHEN v > 1 THEN worker END, luck > 0.3
  FROM c, generate_series(1, 6) v
"""
_DUE = """
INSERT INTO counts_due SELECT DISTINCT %(subject)s, day, county FROM {counted} ON CONFLICT DO NOTHING
"""


async def places(db: Database) -> list[str]:
    async with db.transaction() as tx:
        cursor = await tx.execute("SELECT code FROM regions WHERE length(code) = %s ORDER BY code", (VILLAGE,))
        return [row["code"] for row in await cursor.fetchall()]


async def fill(db: Database, year: int, *, cases: int, visits: int) -> None:
    """Facts without a chain, all that is counted of them, and fresh statistics."""
    async with db.transaction() as tx:
        await RegionStore(tx).load(packaged_regions())
    for subject, statement, n in ((Subject.CASE, _CASES, cases), (Subject.VISIT, _VISITS, visits)):
        table = TABLES[subject]
        async with db.transaction() as tx:
            await tx.execute(statement.encode(), {"first": date(year, 1, 1), "n": n})
            await tx.execute(
                f"INSERT INTO {table.counted} ({', '.join(table.columns)}) {table.fold.format(which='true')}".encode()
            )
            await tx.execute(_DUE.format(counted=table.counted).encode(), {"subject": subject.value})
    async with db.transaction() as tx:
        await tx.execute("ANALYZE")
    while True:
        async with db.transaction() as tx:
            if not await handlers.count_due(tx, at_most=1_000):
                break
    async with db.transaction() as tx:
        await tx.execute("ANALYZE")
