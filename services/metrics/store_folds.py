"""The SQL of what the facts of devices and desks come to: a row for each press, device's day, low battery and operator
in ten minutes. `{which}` is a condition on the facts."""

_ZONE = "Asia/Shanghai"
_PLACE = "left({code}, 6) AS county, left({code}, 9) AS town, {code} AS region_code"
"""Digits of a county and of a town."""


def _place(code: str) -> str:
    return _PLACE.format(code=code)


PRESSES = f"""
SELECT press_id AS id, heard AS version, (occurred_at AT TIME ZONE '{_ZONE}')::date AS day, {_place("region")},
       model AS part, concat_ws(' · ', nullif(model, ''), nullif(firmware, '')) AS model_firmware, kind, worklist,
       heard,
       CASE WHEN clock_right THEN extract(epoch FROM first_at - occurred_at)::double precision END AS lag_s
  FROM (SELECT press_id, count(DISTINCT received_at)::int AS heard, min(received_at) AS first_at,
               (array_agg(happened_at ORDER BY received_at))[1] AS occurred_at,
               (array_agg(clock_right ORDER BY received_at))[1] AS clock_right,
               coalesce((array_agg(region_code ORDER BY received_at))[1], '') AS region,
               (array_agg(device_model ORDER BY received_at))[1] AS model,
               (array_agg(firmware ORDER BY received_at))[1] AS firmware,
               (array_agg(kind ORDER BY received_at))[1] AS kind,
               (array_agg(worklist ORDER BY received_at))[1] AS worklist
          FROM press_facts WHERE {{which}} GROUP BY press_id) AS heard
"""  # noqa: S608
PRESS_COLUMNS = (
    "id", "version", "day", "county", "town", "region_code", "part", "model_firmware", "kind", "worklist", "heard",
    "lag_s",
)  # fmt: skip
HEARD = "event_id || ' · ' || to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
"""What proves a press: the event, and when it was heard."""

DEVICES = f"""
SELECT row_id AS id, 1 AS version, day, {_place("region_code")}, device_model AS part, look, state, device_id, devices,
       promised, kept
  FROM device_facts WHERE {{which}}
"""  # noqa: S608
DEVICE_COLUMNS = (
    "id", "version", "day", "county", "town", "region_code", "part", "look", "state", "device_id", "devices",
    "promised", "kept",
)  # fmt: skip

BATTERIES = f"""
SELECT DISTINCT ON (battery_id) battery_id AS id, version, (low_since AT TIME ZONE '{_ZONE}')::date AS day,
       {_place("region_code")}, device_model AS part, device_id, state,
       CASE WHEN state <> 'low' THEN extract(epoch FROM happened_at - low_since)::double precision END AS low_s
  FROM battery_facts WHERE {{which}} ORDER BY battery_id, version DESC
"""  # noqa: S608
BATTERY_COLUMNS = (
    "id", "version", "day", "county", "town", "region_code", "part", "device_id", "state", "low_s",
)  # fmt: skip

_WINDOW = f"""(begins_at AT TIME ZONE '{_ZONE}')::date AS day, {_place("coalesce(region_code, '')")},
       to_char(begins_at AT TIME ZONE '{_ZONE}', 'HH24') AS part"""
WINDOWS = f"""
SELECT md5(window_id::text || subject)::uuid AS id, window_id, version, {_WINDOW}, state, begins_at, alarms, standing
  FROM (WITH w AS MATERIALIZED (SELECT * FROM load_facts WHERE {{which}}),
        looked AS (SELECT DISTINCT window_id, begins_at FROM w WHERE what = 'looked'),
        on_shift AS (SELECT o.* FROM w o JOIN looked USING (window_id) WHERE o.what = 'on_shift'),
        rang AS (SELECT w.* FROM w JOIN looked USING (window_id) WHERE w.what = 'rang'),
        seen AS (SELECT o.window_id, o.subject_id, r.subject_id AS case_id,
                        count(*) OVER (PARTITION BY r.window_id, r.subject_id) AS among
                   FROM on_shift o JOIN rang r
                     ON r.window_id = o.window_id AND (r.region_code IS NULL OR r.region_code ^@ ANY (o.regions)))
        SELECT o.window_id, o.subject_id::text AS subject, o.begins_at, o.region_code, 'on_shift' AS state,
               count(s.case_id)::int AS version,
               round(coalesce(sum(1.0 / s.among), 0), 6)::double precision AS alarms, o.standing
          FROM on_shift o LEFT JOIN seen s USING (window_id, subject_id)
         GROUP BY o.window_id, o.subject_id, o.begins_at, o.region_code, o.standing
         UNION ALL
        SELECT r.window_id, left(coalesce(r.region_code, ''), 6), r.begins_at, left(r.region_code, 6), 'nobody',
               count(*)::int, count(*)::double precision, 0
          FROM rang r
         WHERE NOT EXISTS (SELECT 1 FROM seen s WHERE s.window_id = r.window_id AND s.case_id = r.subject_id)
         GROUP BY r.window_id, 2, r.begins_at, left(r.region_code, 6)) AS windows
"""  # noqa: S608
WINDOW_COLUMNS = (
    "id", "window_id", "version", "day", "county", "town", "region_code", "part", "state", "begins_at", "alarms",
    "standing",
)  # fmt: skip
