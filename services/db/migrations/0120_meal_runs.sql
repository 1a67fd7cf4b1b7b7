-- Meals that are carried together: of a run only the first goes by the kitchen.

ALTER TABLE visits ADD COLUMN picks_up boolean NOT NULL DEFAULT false;

UPDATE visits v SET picks_up = true
  FROM orders o
 WHERE o.id = v.order_id AND o.kitchen_id IS NOT NULL AND v.worker_id IS NOT NULL
   AND v.state IN ('planned', 'offered', 'accepted', 'on_the_way', 'in_service');
