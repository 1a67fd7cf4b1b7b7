-- Few of all cases are open, and how many changes within minutes: the plans of a press are made anew with them, not only
-- after a tenth of all cases there ever were has changed.
ALTER TABLE alarm_cases SET (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000);
