-- Orders, their visits and their history; and the times in which each worker is taken.

CREATE TABLE order_rules (  -- one row; what a city may set differently
    only_row         boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    offer_min        integer NOT NULL DEFAULT 10 CHECK (offer_min > 0),       -- a worker has so long to answer
    late_after_min   integer NOT NULL DEFAULT 15 CHECK (late_after_min > 0),  -- not begun so long after the told time
    missed_after_min integer CHECK (missed_after_min > late_after_min)        -- none: a person says that nobody came
);
INSERT INTO order_rules DEFAULT VALUES;

CREATE TABLE orders (
    id               uuid PRIMARY KEY,
    version          integer NOT NULL CHECK (version >= 1),
    state            text NOT NULL CHECK (state IN ('placed', 'assigned', 'accepted', 'under_way', 'done', 'cancelled',
                                                    'missed', 'not_met', 'interrupted', 'disputed')),
    elder_id         uuid NOT NULL REFERENCES elders,
    elder_name       text NOT NULL,
    provider_id      uuid NOT NULL REFERENCES providers,
    provider_name    text NOT NULL,
    area             text NOT NULL,                -- planning area: county, 6 digits
    region_code      text NOT NULL,
    lat              double precision,             -- WGS-84; none: the address has no position
    lon              double precision,
    service_code     text NOT NULL,
    service_version  integer NOT NULL,
    offer_version    integer,                      -- none: of a meal
    service_name_zh  text NOT NULL,
    service_name_en  text NOT NULL,
    unit             text NOT NULL,
    day              date NOT NULL,                -- business day
    wished_from      timestamptz NOT NULL,
    wished_until     timestamptz NOT NULL,
    duration_min     integer NOT NULL CHECK (duration_min > 0),
    second_after_min integer NOT NULL,
    skills           text[] NOT NULL,
    certificates     text[] NOT NULL,
    worker_sex       text CHECK (worker_sex IN ('female', 'male')),
    urgent           boolean NOT NULL,
    quantity         integer NOT NULL CHECK (quantity >= 1),
    price_fen        bigint NOT NULL CHECK (price_fen >= 0),
    total_fen        bigint NOT NULL,
    cancel_fees      jsonb NOT NULL,
    cancel_fee_fen   bigint,
    kitchen_id       uuid REFERENCES kitchens,
    kitchen_lat      double precision,
    kitchen_lon      double precision,
    series_id        uuid,
    note             text NOT NULL,
    placed_by        uuid REFERENCES accounts,
    placed_at        timestamptz NOT NULL,
    moved_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (wished_from <= wished_until),
    CHECK (total_fen = price_fen * quantity)
);
CREATE INDEX orders_elder ON orders (elder_id, wished_from);
CREATE INDEX orders_provider ON orders (provider_id, wished_from);
CREATE INDEX orders_area ON orders (area, day);
CREATE INDEX orders_time ON orders (wished_from, id);
CREATE INDEX orders_waiting ON orders (wished_from) WHERE state = 'placed';
CREATE INDEX orders_kitchen ON orders (kitchen_id, day) WHERE kitchen_id IS NOT NULL;
CREATE INDEX orders_moved ON orders (moved_at);

CREATE TABLE order_dishes (  -- as they were on the menu
    order_id  uuid NOT NULL REFERENCES orders,
    position  smallint NOT NULL,
    dish_id   uuid NOT NULL REFERENCES dishes,
    name_zh   text NOT NULL,
    name_en   text NOT NULL,
    price_fen integer NOT NULL,
    portions  integer NOT NULL CHECK (portions >= 1),
    PRIMARY KEY (order_id, dish_id)
);

CREATE TABLE visits (
    id                 uuid PRIMARY KEY,
    order_id           uuid NOT NULL REFERENCES orders,
    position           smallint NOT NULL CHECK (position IN (0, 1)),
    state              text NOT NULL CHECK (state IN ('waiting', 'planned', 'offered', 'accepted', 'on_the_way',
                                                      'in_service', 'done', 'cancelled', 'missed', 'not_met',
                                                      'interrupted')),
    worker_id          uuid REFERENCES workers,
    worker_name        text,
    sets_out_at        timestamptz,
    starts_at          timestamptz,
    ends_at            timestamptz,
    told_starts_at     timestamptz,
    offer_expires_at   timestamptz,
    locked             boolean NOT NULL,
    refused_worker_ids uuid[] NOT NULL,
    waits_because      text,
    UNIQUE (order_id, position),
    CHECK ((worker_id IS NULL) = (worker_name IS NULL)),
    CHECK (state <> 'waiting' OR worker_id IS NULL),
    CHECK (state NOT IN ('planned', 'offered', 'accepted', 'on_the_way', 'in_service') OR worker_id IS NOT NULL)
);
CREATE INDEX visits_worker ON visits (worker_id, starts_at) WHERE worker_id IS NOT NULL;
CREATE INDEX visits_waiting ON visits (order_id) WHERE state = 'waiting';
CREATE INDEX visits_offers ON visits (offer_expires_at) WHERE state = 'offered';
CREATE INDEX visits_to_begin ON visits (told_starts_at) WHERE state IN ('offered', 'accepted', 'on_the_way');

CREATE TABLE order_timeline (
    order_id      uuid NOT NULL REFERENCES orders,
    seq           integer NOT NULL,  -- the version of the order that the move led to
    move          text NOT NULL,
    state         text NOT NULL,     -- of the order, after it
    visit_id      uuid REFERENCES visits,  -- none: the order as a whole
    visit_state   text,
    worker_id     uuid,              -- who has the visit after it, or had it until then
    worker_name   text,
    at            timestamptz NOT NULL,    -- the platform's clock
    device_at     timestamptz,             -- the phone's, as it said
    clock_suspect boolean NOT NULL DEFAULT false,
    actor_id      uuid,              -- none: the platform
    actor_name    text,
    actor_role    text,
    reason        text,
    move_id       uuid,              -- made by the phone: the same again changes nothing
    PRIMARY KEY (order_id, seq)
);
CREATE UNIQUE INDEX order_timeline_once ON order_timeline (order_id, move_id) WHERE move_id IS NOT NULL;
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON order_timeline
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- Nobody is in two places: whatever the code believes, these spans do not overlap. A number stands for the worker,
-- because an exclusion constraint compares a uuid only with an extension that is not everywhere.
ALTER TABLE workers ADD COLUMN worker_no bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE workers ADD UNIQUE (worker_no);

CREATE TABLE worker_times (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    worker_id uuid NOT NULL REFERENCES workers,
    worker_no bigint NOT NULL,
    during    tstzrange NOT NULL CHECK (NOT isempty(during)),
    visit_id  uuid REFERENCES visits,  -- none: leave
    CONSTRAINT worker_times_one_place EXCLUDE USING gist (int8range(worker_no, worker_no, '[]') WITH =, during WITH &&)
);
CREATE UNIQUE INDEX worker_times_visit ON worker_times (visit_id) WHERE visit_id IS NOT NULL;
CREATE INDEX worker_times_leave ON worker_times (worker_id) WHERE visit_id IS NULL;

INSERT INTO worker_times (worker_id, worker_no, during)
SELECT l.worker_id, w.worker_no, unnest(range_agg(tstzrange(l.from_at, l.until_at)))
  FROM leaves l JOIN workers w ON w.id = l.worker_id
 WHERE l.state = 'granted' GROUP BY l.worker_id, w.worker_no;
