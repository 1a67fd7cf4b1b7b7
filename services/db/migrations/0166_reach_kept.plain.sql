-- Facts are only ever added: the statistics follow sooner than for tables whose rows change.
ALTER TABLE reach_facts SET (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
