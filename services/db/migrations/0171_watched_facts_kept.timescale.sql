-- Facts of devices and desks as hypertables: compressed when nobody can send late ones any more, and kept.
SELECT create_hypertable(
    'press_facts', by_range('happened_at', INTERVAL '7 days'),
    create_default_indexes => false, if_not_exists => true, migrate_data => true
);
SELECT create_hypertable(
    'device_facts', by_range('happened_at', INTERVAL '7 days'),
    create_default_indexes => false, if_not_exists => true, migrate_data => true
);
SELECT create_hypertable(
    'battery_facts', by_range('happened_at', INTERVAL '7 days'),
    create_default_indexes => false, if_not_exists => true, migrate_data => true
);
SELECT create_hypertable(
    'load_facts', by_range('happened_at', INTERVAL '7 days'),
    create_default_indexes => false, if_not_exists => true, migrate_data => true
);
ALTER TABLE press_facts SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = '', timescaledb.orderby = 'press_id, received_at, happened_at'
);
ALTER TABLE device_facts SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = '', timescaledb.orderby = 'row_id, happened_at'
);
ALTER TABLE battery_facts SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = '', timescaledb.orderby = 'battery_id, version, happened_at'
);
ALTER TABLE load_facts SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = '', timescaledb.orderby = 'window_id, what, subject_id, happened_at'
);
CALL add_columnstore_policy('press_facts', after => INTERVAL '45 days', if_not_exists => true);
CALL add_columnstore_policy('device_facts', after => INTERVAL '45 days', if_not_exists => true);
CALL add_columnstore_policy('battery_facts', after => INTERVAL '45 days', if_not_exists => true);
CALL add_columnstore_policy('load_facts', after => INTERVAL '45 days', if_not_exists => true);
