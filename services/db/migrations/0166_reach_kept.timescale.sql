-- As the facts of cases and visits: a hypertable, compressed and kept.
SELECT create_hypertable(
    'reach_facts', by_range('happened_at', INTERVAL '7 days'),
    create_default_indexes => false, if_not_exists => true, migrate_data => true
);
ALTER TABLE reach_facts SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = '', timescaledb.orderby = 'reach_id, version, happened_at'
);
CALL add_columnstore_policy('reach_facts', after => INTERVAL '45 days', if_not_exists => true);
