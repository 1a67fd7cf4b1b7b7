"""The SQL of what is counted: a row for each case, visit and so on, from all of its facts. `{which}` is a condition on
the facts."""

from dataclasses import dataclass

from services.metrics import store_folds
from services.metrics.model import Subject

ZONE = "Asia/Shanghai"
COUNTY, TOWN = 6, 9
"""Digits of their codes."""
_TOLD = "'offered', 'accepted', 'on_the_way', 'in_service', 'done', 'not_met', 'interrupted'"
_OVER = "'done', 'missed', 'not_met', 'interrupted'"

_CASES = f"""
SELECT DISTINCT ON (case_id) case_id AS id, version, (occurred_at AT TIME ZONE '{ZONE}')::date AS day,
       left(coalesce(region_code, ''), {COUNTY}) AS county, left(coalesce(region_code, ''), {TOWN}) AS town,
       coalesce(region_code, '') AS region_code, device_model AS part,
       kind, worklist, state, outcome,
       extract(epoch FROM claimed_at - opened_at)::double precision AS answered_s, presses
  FROM case_facts WHERE {{which}}
 ORDER BY case_id, version DESC
"""  # noqa: S608
_VISITS = f"""
SELECT l.visit_id AS id, l.order_id, l.version, l.day, left(l.region_code, {COUNTY}) AS county,
       left(l.region_code, {TOWN}) AS town, l.region_code, l.provider_id::text AS part, l.service_code, l.state,
       l.worker_id,
       extract(epoch FROM s.began_at - l.due_at)::double precision AS late_s,
       extract(epoch FROM s.assigned_at - l.placed_at)::double precision AS assigned_s,
       s.offers, s.declines, s.workers, l.usual, l.state = 'cancelled' AND l.waits_because IS NOT NULL AS unserved
  FROM (SELECT DISTINCT ON (visit_id) * FROM visit_facts WHERE {{which}} ORDER BY visit_id, version DESC) l
  JOIN (SELECT visit_id,
               max(happened_at) FILTER (WHERE own AND move IN ('begin', 'not_met')) AS began_at,
               min(happened_at) FILTER (WHERE own AND move = 'assign') AS assigned_at,
               count(*) FILTER (WHERE own AND move = 'offer')::int AS offers,
               count(*) FILTER (WHERE own AND move = 'decline')::int AS declines,
               count(DISTINCT worker_id) FILTER (WHERE state IN ({_TOLD}))::int AS workers
          FROM visit_facts WHERE {{which}} GROUP BY visit_id) s USING (visit_id)
"""  # noqa: S608

_REGISTER = f"""
SELECT register_id AS id, elder_id, max(version) AS version, month AS day,
       left((array_agg(region_code ORDER BY happened_at DESC))[1], {COUNTY}) AS county,
       left((array_agg(region_code ORDER BY happened_at DESC))[1], {TOWN}) AS town,
       (array_agg(region_code ORDER BY happened_at DESC))[1] AS region_code,
       CASE WHEN bool_or(weekly) THEN 'weekly' ELSE 'monthly' END AS part,
       CASE WHEN bool_or(state = 'visited') THEN 'visited' WHEN bool_or(state = 'due') THEN 'due'
            WHEN bool_or(state = 'not_visited') THEN 'not_visited' ELSE 'forgotten' END AS state,
       min(visited_on) AS visited_on, (array_agg(code ORDER BY happened_at DESC))[1] AS code,
       coalesce((SELECT f.register_flags FROM due_facts f WHERE f.register_id = latest.register_id
                  ORDER BY f.happened_at DESC, f.version DESC LIMIT 1), '{{{{}}}}') AS groups
  FROM (SELECT DISTINCT ON (register_id, due_from) * FROM due_facts WHERE {{which}}
         ORDER BY register_id, due_from, happened_at DESC, version DESC) latest
 GROUP BY register_id, elder_id, month
"""  # noqa: S608

_REACH = f"""
SELECT md5(concat_ws(' ', reach_id, category, located))::uuid AS id, reach_id, max(version) AS version, day,
       left(region_code, {COUNTY}) AS county, left(region_code, {TOWN}) AS town, region_code, category AS part, located,
       count(*)::int AS hours, sum(elders)::bigint AS elders, sum(reached)::bigint AS reached,
       coalesce(sum(elders) FILTER (WHERE offered), 0)::bigint AS offered
  FROM (SELECT f.reach_id, f.version, f.day, f.region_code, s.category, s.offered, w.located, w.elders, w.reached
          FROM (SELECT * FROM reach_facts WHERE {{which}}) f,
               unnest(f.services, f.reached, f.offered) AS s (category, reached, offered),
               LATERAL (VALUES (true, f.elders, s.reached), (false, f.excluded, 0)) AS w (located, elders, reached)
         WHERE w.elders > 0) hours
 GROUP BY reach_id, day, region_code, category, located
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Table:
    facts: str
    id: str
    counted: str
    fold: str
    columns: tuple[str, ...]
    key: str = "id"
    """The column of a counted row that says of which facts it was made; of one there may be several rows."""
    proof: str = "event_id"
    """What of a fact says that it is so,"""
    order: str = "version"
    """and how those of one row follow each other."""


TABLES: dict[Subject, Table] = {
    Subject.CASE: Table(
        "case_facts", "case_id", "counted_cases", _CASES,
        ("id", "version", "day", "county", "town", "region_code", "part", "kind", "worklist", "state", "outcome",
         "answered_s", "presses"),
    ),
    Subject.VISIT: Table(
        "visit_facts", "visit_id", "counted_visits", _VISITS,
        ("id", "order_id", "version", "day", "county", "town", "region_code", "part", "service_code", "state",
         "worker_id", "late_s", "assigned_s", "offers", "declines", "workers", "usual", "unserved"),
    ),
    Subject.REGISTER: Table(
        "due_facts", "register_id", "counted_register", _REGISTER,
        ("id", "elder_id", "version", "day", "county", "town", "region_code", "part", "state", "visited_on", "code",
         "groups"),
    ),
    Subject.REACH: Table(
        "reach_facts", "reach_id", "counted_reach", _REACH,
        ("id", "reach_id", "version", "day", "county", "town", "region_code", "part", "located", "hours", "elders",
         "reached", "offered"),
        key="reach_id",
    ),
    Subject.PRESS: Table(
        "press_facts", "press_id", "counted_presses", store_folds.PRESSES, store_folds.PRESS_COLUMNS,
        proof=store_folds.HEARD, order="received_at",
    ),
    Subject.DEVICE: Table(
        "device_facts", "row_id", "counted_devices", store_folds.DEVICES, store_folds.DEVICE_COLUMNS,
        proof="concat_ws(' · ', event_id, nullif(device_id, ''), nullif(silent_hours, ''))", order="happened_at",
    ),
    Subject.BATTERY: Table(
        "battery_facts", "battery_id", "counted_batteries", store_folds.BATTERIES, store_folds.BATTERY_COLUMNS,
    ),
    Subject.LOAD: Table(
        "load_facts", "window_id", "counted_windows", store_folds.WINDOWS, store_folds.WINDOW_COLUMNS,
        key="window_id", order="happened_at",
    ),
}  # fmt: skip
