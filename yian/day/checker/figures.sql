-- The figures beside the rules; they read the views of `rules.sql`.

-- rule punctuality: the first visit of each order of the day, and when it was begun
SELECT v.id, o.service_code, o.wished_until, v.state,
       (SELECT max(d.at) FROM done d WHERE d.visit_id = v.id AND d.move IN ('begin', 'not_met')) AS began
  FROM orders o JOIN visits v ON v.order_id = o.id AND v.position = 0
 WHERE o.day <= %(day)s
   AND (o.state <> 'cancelled' OR EXISTS (  -- by the call centre, because nobody could go
        SELECT 1 FROM order_timeline t WHERE t.order_id = o.id AND t.move = 'cancel' AND t.actor_role = 'operator'))
 ORDER BY o.wished_until;

-- rule orders: how many are in which state
SELECT CASE WHEN day <= %(day)s THEN 'today' ELSE 'later' END AS of, state, count(*) AS orders
  FROM orders GROUP BY 1, 2 ORDER BY 1 DESC, 2;

-- rule notices: how many were told
SELECT count(*) AS told FROM notices WHERE told_at IS NOT NULL;
