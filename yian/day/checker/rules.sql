-- The rules of a day. Each query finds what breaks its rule: `id` names an order, visit or notice, `says` tells what is
-- wrong with it. `rules.py` reads this file: what stands before the first rule is run once.

CREATE TEMP VIEW due AS  -- the visits that somebody has or had
SELECT v.*, o.day, o.region_code, o.provider_id, o.skills, o.certificates, o.worker_sex, o.second_after_min,
       o.duration_min, o.elder_id, o.lat, o.lon, v.state IN ('planned', 'offered', 'accepted') AS ahead
  FROM visits v JOIN orders o ON o.id = v.order_id
 WHERE v.worker_id IS NOT NULL
   AND v.state IN ('planned', 'offered', 'accepted', 'on_the_way', 'in_service', 'done', 'interrupted', 'not_met');

CREATE TEMP VIEW done AS  -- moves of visits, each when it was done: by the phone's clock, unless that cannot be right
SELECT visit_id, move, CASE WHEN clock_suspect OR device_at IS NULL THEN at ELSE least(device_at, at) END AS at
  FROM order_timeline WHERE visit_id IS NOT NULL;

CREATE TEMP VIEW spans AS  -- when their workers were taken: as it was, and where nobody has begun yet, as it is planned
SELECT d.*, h.began, coalesce(h.set_out, h.began, d.sets_out_at) AS from_at,
       greatest(coalesce(h.ended, d.ends_at), coalesce(h.set_out, h.began, d.sets_out_at)) AS until_at
  FROM due d
  LEFT JOIN (SELECT visit_id, max(at) FILTER (WHERE move = 'set_out') AS set_out,
                    max(at) FILTER (WHERE move = 'begin') AS began,
                    max(at) FILTER (WHERE move IN ('end', 'not_met', 'interrupt')) AS ended
               FROM done GROUP BY visit_id) h ON h.visit_id = d.id;

-- rule unsettled: every order of the day is in a final state, or waits with a reason
SELECT o.id, 'is ' || o.state || ', its visits: '
       || string_agg(v.state || ' ' || coalesce(v.waits_because, 'without a reason'), ', ') AS says
  FROM orders o JOIN visits v ON v.order_id = o.id
 WHERE o.day <= %(day)s
   AND o.state NOT IN ('done', 'cancelled', 'missed', 'not_met', 'interrupted', 'disputed')
 GROUP BY o.id, o.state
HAVING NOT bool_and(v.state IN ('done', 'missed', 'not_met', 'interrupted', 'cancelled')
                    OR (v.state = 'waiting' AND v.waits_because IS NOT NULL));

-- rule unplanned: every order of a later day has somebody, is over, or waits with a reason
SELECT DISTINCT o.id, 'of ' || o.day || ' is ' || o.state || ': nobody has it, and nothing says why' AS says
  FROM orders o JOIN visits v ON v.order_id = o.id
 WHERE o.day > %(day)s AND v.state = 'waiting' AND v.waits_because IS NULL;

-- rule two_places: nobody is on two visits at once, the way to each included
SELECT a.id, 'and ' || b.id || ' of worker ' || a.worker_id || ' overlap: ' || a.from_at || ' to ' || a.until_at
       || ', ' || b.from_at || ' to ' || b.until_at AS says
  FROM spans a JOIN spans b ON a.worker_id = b.worker_id AND a.id < b.id AND a.ahead = b.ahead
   AND a.from_at < b.until_at - interval '1 second' AND b.from_at < a.until_at - interval '1 second';

-- rule too_far: nobody begins a visit sooner than a car could bring them there from the one before, at 60 km/h
SELECT id, 'begins ' || round(gap_s) || ' s after the one before, ' || round(km::numeric, 1) || ' km away' AS says
  FROM (SELECT s.id, extract(epoch FROM s.began - lag(s.until_at) OVER w) AS gap_s,
               6371 * 2 * asin(least(1, sqrt(power(sin(radians(s.lat - lag(s.lat) OVER w) / 2), 2)
                   + cos(radians(s.lat)) * cos(radians(lag(s.lat) OVER w))
                     * power(sin(radians(s.lon - lag(s.lon) OVER w) / 2), 2)))) AS km
          FROM spans s WHERE s.began IS NOT NULL WINDOW w AS (PARTITION BY s.worker_id ORDER BY s.began)) AS ways
 WHERE gap_s < km * 60 - 1;

-- rule provider: who comes works for the provider of the order
SELECT d.id, 'worker ' || w.id || ' works for ' || w.provider_id AS says
  FROM due d JOIN workers w ON w.id = d.worker_id WHERE w.provider_id <> d.provider_id;

-- rule skill: who comes has every skill that is needed
SELECT d.id, 'worker ' || w.id || ' lacks one of ' || array_to_string(d.skills, ', ') AS says
  FROM due d JOIN workers w ON w.id = d.worker_id WHERE NOT d.skills <@ w.skills;

-- rule certificate: who comes has every certificate that is needed, valid on the day of the visit
SELECT d.id, 'worker ' || d.worker_id || ' has no valid ' || needed.kind || ' on ' || d.day AS says
  FROM due d, unnest(d.certificates) AS needed (kind)
 WHERE NOT EXISTS (SELECT 1 FROM worker_certificates c WHERE c.worker_id = d.worker_id AND c.kind = needed.kind
                      AND d.day BETWEEN c.valid_from AND c.valid_until);

-- rule region: the provider serves there, and so does who comes
SELECT d.id, 'worker ' || w.id || ' or the provider does not serve ' || d.region_code AS says
  FROM due d JOIN workers w ON w.id = d.worker_id
 WHERE NOT EXISTS (SELECT 1 FROM provider_regions r WHERE r.provider_id = d.provider_id
                      AND left(d.region_code, length(r.region_code)) = r.region_code)
    OR (cardinality(w.areas) > 0 AND NOT EXISTS (SELECT 1 FROM unnest(w.areas) AS area (code)
                                                  WHERE left(d.region_code, length(area.code)) = area.code));

-- rule sex: who comes is of the sex that the elder accepts
SELECT d.id, 'worker ' || w.id || ' is ' || w.sex AS says
  FROM due d JOIN workers w ON w.id = d.worker_id WHERE d.worker_sex <> w.sex;

-- rule refused: nobody comes who has declined it or was taken off it
SELECT d.id, 'worker ' || d.worker_id || ' has declined it or was taken off it' AS says
  FROM due d WHERE d.worker_id = ANY (d.refused_worker_ids);

-- rule paired: an unpaid helper comes only to those they are paired with
SELECT d.id, 'worker ' || w.id || ', ' || w.kind || ', is not paired with elder ' || d.elder_id AS says
  FROM due d JOIN workers w ON w.id = d.worker_id
 WHERE w.kind <> 'employed'
   AND NOT EXISTS (SELECT 1 FROM worker_elders p WHERE p.worker_id = w.id AND p.elder_id = d.elder_id);

-- rule second_worker: the second of two workers is somebody else
SELECT a.id, 'and ' || b.id || ' of order ' || a.order_id || ' are both of worker ' || a.worker_id AS says
  FROM due a JOIN due b ON b.order_id = a.order_id AND b.worker_id = a.worker_id AND a.id < b.id
 WHERE a.second_after_min = 0;

-- rule leave: nobody is sent out in leave that was granted
SELECT d.id, 'worker ' || d.worker_id || ' is on leave at ' || coalesce(d.began, d.starts_at) AS says
  FROM spans d JOIN leaves l ON l.worker_id = d.worker_id AND l.state = 'granted'
   AND coalesce(d.began, d.starts_at) >= l.from_at AND coalesce(d.began, d.starts_at) < l.until_at
 WHERE d.ahead OR d.from_at > l.decided_at + interval '1 minute';

-- rule shift: what people were told lies in the hours of who comes
SELECT d.id, 'worker ' || d.worker_id || ' does not work at ' || d.told_starts_at AS says
  FROM due d
 WHERE d.told_starts_at IS NOT NULL AND NOT d.locked AND NOT EXISTS (
    SELECT 1
      FROM generate_series(-1, 0) AS back,
           LATERAL (SELECT (d.told_starts_at AT TIME ZONE 'Asia/Shanghai')::date + back AS day) AS of,
           LATERAL (SELECT coalesce(
                (SELECT h.shifts FROM shift_other_hours h WHERE h.worker_id = d.worker_id AND h.day = of.day),
                (SELECT p.shifts -> (extract(isodow FROM of.day)::integer - 1) FROM shift_patterns p
                  WHERE p.worker_id = d.worker_id AND p.begins <= of.day ORDER BY p.begins DESC LIMIT 1)
           ) AS spans) AS own,
           jsonb_array_elements(own.spans) AS span
     WHERE extract(epoch FROM d.told_starts_at - of.day::timestamp AT TIME ZONE 'Asia/Shanghai') / 60
           BETWEEN (span ->> 0)::integer AND (span ->> 1)::integer - d.duration_min);

-- rule no_meal: nobody at home is without the meal of the day that was paid for
SELECT o.id, o.service_code || ' of elder ' || o.elder_id || ' for ' || o.wished_from || ' is ' || o.state AS says
  FROM orders o
 WHERE o.kitchen_id IS NOT NULL AND o.day <= %(day)s AND o.state NOT IN ('done', 'not_met', 'interrupted', 'cancelled');

-- rule fetched: a meal that was brought was fetched: on the way to it, or on the way to an earlier one of that kitchen
SELECT d.id, 'worker ' || d.worker_id || ' was at no kitchen before ' || d.starts_at AS says
  FROM due d JOIN orders o ON o.id = d.order_id
 WHERE o.kitchen_id IS NOT NULL AND d.state = 'done' AND NOT d.picks_up AND NOT EXISTS (
    SELECT 1 FROM due f JOIN orders fo ON fo.id = f.order_id
     WHERE f.worker_id = d.worker_id AND f.day = d.day AND f.picks_up AND f.starts_at < d.starts_at
       AND fo.kitchen_id = o.kitchen_id AND fo.service_code = o.service_code);

-- rule portions: no kitchen has sold more portions of a dish than it cooks
SELECT d.dish_id AS id, sum(d.portions) || ' of ' || coalesce(max(m.portions), 0) || ' sold for ' || o.day AS says
  FROM orders o JOIN order_dishes d ON d.order_id = o.id
  LEFT JOIN menu_items m ON m.kitchen_id = o.kitchen_id AND m.day = o.day AND m.dish_id = d.dish_id
   AND 'meal_' || m.meal = o.service_code
 WHERE o.state <> 'cancelled'
 GROUP BY o.kitchen_id, o.day, o.service_code, d.dish_id
HAVING sum(d.portions) > coalesce(max(m.portions), 0);

-- rule split: what the city pays of an order and what the family pays make its price
SELECT o.id, 'of ' || o.total_fen || ' fen the city pays ' || coalesce(sum(s.fen), 0) || ' in ' || count(s.fen)
       || ' parts, and ' || o.subsidy_fen || ' in all' AS says
  FROM orders o LEFT JOIN LATERAL jsonb_to_recordset(o.subsidies) AS s (fen bigint) ON true
 GROUP BY o.id
HAVING coalesce(sum(s.fen), 0) <> o.subsidy_fen OR o.subsidy_fen > o.total_fen OR coalesce(min(s.fen), 1) < 1;

-- rule allowance: no scheme pays for an elder more in a month, or more often, than it was said to
SELECT elder_id AS id, scheme_code || ' pays ' || sum(fen) || ' fen of ' || coalesce(max(monthly_fen), 0) || ' in '
       || to_char(month, 'YYYY-MM') || ', ' || sum(units) || ' units, ' || max(on_a_day) || ' on a day' AS says
  FROM (SELECT o.elder_id, date_trunc('month', o.day) AS month, s.*, t.terms,
               sum(s.units) OVER (PARTITION BY o.elder_id, o.day, s.scheme_code) AS on_a_day
          FROM orders o, jsonb_to_recordset(o.subsidies) AS s (scheme_code text, scheme_version integer, units integer,
                                                               fen bigint, monthly_fen bigint)
          JOIN scheme_versions t ON t.code = s.scheme_code AND t.version = s.scheme_version
         WHERE o.state <> 'cancelled') AS paid
 GROUP BY elder_id, month, scheme_code
HAVING (count(monthly_fen) = count(*) AND sum(fen) > max(monthly_fen))
    OR sum(units) > max((terms->>'units_a_month')::integer) OR max(on_a_day) > max((terms->>'units_a_day')::integer);

-- rule history: the history of an order has each of its versions once, and ends in its state
SELECT o.id, 'version ' || o.version || ', ' || o.state || '; ' || count(t.seq) || ' entries, the last '
       || coalesce((array_agg(t.state ORDER BY t.seq DESC))[1], 'none') AS says
  FROM orders o LEFT JOIN order_timeline t ON t.order_id = o.id
 GROUP BY o.id, o.version, o.state
HAVING count(t.seq) <> o.version OR max(t.seq) <> o.version
    OR (array_agg(t.state ORDER BY t.seq DESC))[1] IS DISTINCT FROM o.state;

-- rule told_twice: nobody is told the same of a visit twice
SELECT min(n.id::text) AS id, count(*) || ' times to account ' || n.account_id || ' of order ' || n.order_id || ': '
       || n.zh AS says
  FROM notices n WHERE n.told_at IS NOT NULL
 GROUP BY n.account_id, n.order_id, n.visit_id, n.kind, n.zh HAVING count(*) > 1;

-- rule delivery: what was told is handed to the page once
SELECT n.id, count(d.notice_id) || ' deliveries' AS says
  FROM notices n LEFT JOIN notice_deliveries d ON d.notice_id = n.id
 WHERE n.told_at IS NOT NULL GROUP BY n.id HAVING count(d.notice_id) <> 1;

-- rule untold: who follows an elder is told once that an order was placed, and once that it is done or cancelled
SELECT happened.order_id AS id, happened.kind || ' was told ' || count(n.id) || ' times to account ' || g.account_id AS says
  FROM (SELECT id AS order_id, elder_id, 'placed' AS kind FROM orders WHERE series_id IS NULL
        UNION ALL
        SELECT id, elder_id, state FROM orders WHERE state IN ('done', 'cancelled')) AS happened
  JOIN grants g ON g.elder_id = happened.elder_id AND g.state = 'confirmed' AND 'follow' = ANY (g.kinds)
  JOIN accounts a ON a.id = g.account_id AND a.active AND a.role = 'family'
  LEFT JOIN notices n ON n.order_id = happened.order_id AND n.account_id = g.account_id AND n.kind = happened.kind
   AND n.told_at IS NOT NULL
 GROUP BY happened.order_id, happened.kind, g.account_id HAVING count(n.id) <> 1;
