-- Facts as hypertables: compressed when nobody can send late ones any more, and kept.
SELECT create_hypertable(
    'case_facts', by_range('happened_at', INTERVAL '7 days'),
    create_default_indexes => false, if_not_exists => true, migrate_data => true
);
SELECT create_hypertable(
    'visit_facts', by_range('happened_at', INTERVAL '7 days'),
    create_default_indexes => false, if_not_exists => true, migrate_data => true
);
SELECT create_hypertable(
    'due_facts', by_range('happened_at', INTERVAL '7 days'),
    create_default_indexes => false, if_not_exists => true, migrate_data => true
);
ALTER TABLE case_facts SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = '', timescaledb.orderby = 'case_id, version, happened_at'
);
ALTER TABLE visit_facts SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = '', timescaledb.orderby = 'visit_id, version, happened_at'
);
ALTER TABLE due_facts SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = '',
    timescaledb.orderby = 'register_id, due_from, version, happened_at'
);
CALL add_columnstore_policy('case_facts', after => INTERVAL '45 days', if_not_exists => true);
CALL add_columnstore_policy('visit_facts', after => INTERVAL '45 days', if_not_exists => true);
CALL add_columnstore_policy('due_facts', after => INTERVAL '45 days', if_not_exists => true);
