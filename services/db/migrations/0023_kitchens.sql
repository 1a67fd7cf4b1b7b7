-- Kitchens, their dishes, and what they cook on a day.

CREATE TABLE kitchens (
    id           uuid PRIMARY KEY,
    provider_id  uuid NOT NULL REFERENCES providers,
    name         text NOT NULL,
    address      text NOT NULL,
    lat          double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),    -- WGS-84
    lon          double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),  -- WGS-84
    source_datum text NOT NULL,
    region_codes text[] NOT NULL CHECK (cardinality(region_codes) > 0),       -- where it delivers
    open         boolean NOT NULL DEFAULT true,
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX kitchens_provider ON kitchens (provider_id, name);

CREATE TABLE dishes (
    id              uuid PRIMARY KEY,
    kitchen_id      uuid NOT NULL REFERENCES kitchens,
    name_zh         text NOT NULL,
    name_en         text NOT NULL,
    allergens       text[] NOT NULL DEFAULT '{}',  -- codes of services/catalogue/data/allergens.json
    other_allergens text NOT NULL DEFAULT '',
    texture         text NOT NULL CHECK (texture IN ('normal', 'soft')),
    low_salt        boolean NOT NULL,
    low_sugar       boolean NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (kitchen_id, id)
);

CREATE TABLE menus (
    kitchen_id uuid NOT NULL REFERENCES kitchens,
    day        date NOT NULL,  -- business day
    version    integer NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kitchen_id, day)
);

CREATE TABLE menu_items (
    kitchen_id uuid NOT NULL,
    day        date NOT NULL,
    meal       text NOT NULL CHECK (meal IN ('lunch', 'dinner')),
    dish_id    uuid NOT NULL,
    price_fen  integer NOT NULL CHECK (price_fen >= 0),
    portions   integer NOT NULL CHECK (portions >= 0),
    PRIMARY KEY (kitchen_id, day, meal, dish_id),
    FOREIGN KEY (kitchen_id, day) REFERENCES menus ON DELETE CASCADE,
    FOREIGN KEY (kitchen_id, dish_id) REFERENCES dishes (kitchen_id, id)
);

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON kitchens
    FOR EACH ROW EXECUTE FUNCTION audit_write('id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON dishes
    FOR EACH ROW EXECUTE FUNCTION audit_write('id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON menus
    FOR EACH ROW EXECUTE FUNCTION audit_write('kitchen_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON menu_items
    FOR EACH ROW EXECUTE FUNCTION audit_write('kitchen_id');
