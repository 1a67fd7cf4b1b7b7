"""The checker of a simulated day finds each thing that it promises to find, and nothing in a day that is sound."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from yian.day.checker.bus import repeated, unsaid
from yian.day.checker.check import broken
from yian.day.checker.rules import preface, rules

DAY = date(2026, 12, 1)
Books = psycopg.Connection[dict[str, Any]]


def _id(number: int) -> UUID:
    return UUID(int=number)


ELDER, PROVIDER, OTHER_PROVIDER, WORKER, ACCOUNT, KITCHEN, DISH = (_id(n) for n in range(1, 8))
ORDER, MEAL, VISIT, MEAL_VISIT, NOTICE, OTHER = (_id(n) for n in range(11, 17))

SOUND = f"""
INSERT INTO regions (code, name, level) VALUES ('4202', '黄石', 'city'), ('420202', '黄石港', 'county'),
    ('420281', '大冶', 'county');
INSERT INTO elders (id, name, sex, birth_date, ability_level, living_situation, address, region_code)
    VALUES ('{ELDER}', '王银杏', 'female', '1940-01-01', 'mild', 'alone', '演示路1号', '420202');
INSERT INTO providers (id, name, licence_number, licence_until, phone, state)
    VALUES ('{PROVIDER}', '银杏', 'L1', '2099-01-01', '1', 'active'),
           ('{OTHER_PROVIDER}', '海棠', 'L2', '2099-01-01', '2', 'active');
INSERT INTO provider_regions VALUES ('{PROVIDER}', '420202');
INSERT INTO workers (id, provider_id, name, sex, phone, kind, state, skills, travel_mode)
    VALUES ('{WORKER}', '{PROVIDER}', '陈雨水', 'female', '3', 'employed', 'active', '{{bathing}}', 'ebike');
INSERT INTO worker_certificates VALUES ('{WORKER}', 'elder_care_worker', 'N', '2020-01-01', '2030-01-01');
INSERT INTO shift_patterns
    SELECT '{WORKER}', '2026-01-01', jsonb_agg('[[480, 1080]]'::jsonb), true FROM generate_series(1, 7);
INSERT INTO accounts (id, username, name, role, password_hash) VALUES ('{ACCOUNT}', 'family', '家属', 'family', '');
INSERT INTO grants (id, account_id, elder_id, elder_name, relation, region_code, kinds, state)
    VALUES ('{ACCOUNT}', '{ACCOUNT}', '{ELDER}', '王银杏', '女儿', '420202', '{{follow}}', 'confirmed');
INSERT INTO kitchens (id, provider_id, name, address, lat, lon, source_datum, region_codes)
    VALUES ('{KITCHEN}', '{PROVIDER}', '食堂', '演示路2号', 30.2, 115.0, 'WGS-84', '{{420202}}');
INSERT INTO dishes (id, kitchen_id, name_zh, name_en, texture, low_salt, low_sugar)
    VALUES ('{DISH}', '{KITCHEN}', '蒸蛋', 'Egg', 'soft', true, true);
INSERT INTO scheme_versions (code, version, valid_from, terms)
    VALUES ('meals', 1, '2026-01-01', '{{"units_a_day": 1, "units_a_month": 26}}');
INSERT INTO menus VALUES ('{KITCHEN}', '{DAY}', 1);
INSERT INTO menu_items VALUES ('{KITCHEN}', '{DAY}', 'lunch', '{DISH}', 1500, 1);
"""


def _done(order: UUID, visit: UUID, service: str, *, kitchen: bool, at: str, km: int) -> str:
    """An order with a visit that was served from `at` on for half an hour."""
    begin, notices = f"timestamptz '{DAY} {at}+08'", ("placed", "done")
    told = "".join(
        f"""INSERT INTO notices (account_id, kind, order_id, elder_id, region_code, zh, en, told_once, not_before,
                told_at)
            VALUES ('{ACCOUNT}', '{kind}', '{order}', '{ELDER}', '420202', '{kind}', '{kind}', '{order}:{kind}',
                    {begin}, {begin});"""
        for kind in notices
    )
    where = f"'{KITCHEN}'" if kitchen else "NULL"
    history = [("place", "placed", "-60"), ("set_out", "under_way", "-20"), ("begin", "under_way", "0")]
    history += [("end", "done", "30")]
    return (
        f"""
    INSERT INTO orders (id, version, state, elder_id, elder_name, provider_id, provider_name, area, region_code, lat,
        lon, service_code, service_version, service_name_zh, service_name_en, unit, day, wished_from, wished_until,
        duration_min, second_after_min, skills, certificates, worker_sex, urgent, quantity, price_fen, total_fen,
        cancel_fees, kitchen_id, note, placed_at)
    VALUES ('{order}', 4, 'done', '{ELDER}', '王银杏', '{PROVIDER}', '银杏', '420202', '420202', 30.2 + {km} / 111.0,
        115, '{service}', 1, '午餐', 'Lunch', 'visit', '{DAY}', {begin}, {begin}, 30, 0, '{{bathing}}',
        '{{elder_care_worker}}', 'female', false, 1, 1500, 1500, '[]', {where}, '', {begin} - interval '1 hour');
    INSERT INTO visits (id, order_id, position, state, worker_id, worker_name, sets_out_at, starts_at, ends_at,
        told_starts_at, locked, refused_worker_ids, picks_up)
    VALUES ('{visit}', '{order}', 0, 'done', '{WORKER}', '陈雨水', {begin} - interval '20 min', {begin},
        {begin} + interval '30 min', {begin}, false, '{{}}', {kitchen});
    INSERT INTO order_timeline (order_id, seq, move, state, visit_id, at)
    """
        + " UNION ALL ".join(
            f"SELECT '{order}'::uuid, {seq}, '{move}', '{state}',"
            f" {'NULL' if move == 'place' else repr(str(visit))}::uuid, {begin} + interval '{after} min'"
            for seq, (move, state, after) in enumerate(history, start=1)
        )
        + f"; {told}"
    )


def _paid(order: UUID, fen: int, units: int = 1) -> str:
    """By the city, of the thousand that it pays in the month."""
    part = f'[{{"scheme_code": "meals", "scheme_version": 1, "units": {units}, "fen": {fen}, "monthly_fen": 1000}}]'
    return f"UPDATE orders SET subsidies = '{part}', subsidy_fen = {fen} WHERE id = '{order}'"


DELIVERED = "INSERT INTO notice_deliveries (notice_id, channel) SELECT id, 'page' FROM notices;"


@pytest.fixture
def books(postgres_dsn: str) -> Iterator[Books]:
    """A sound day of two visits; nothing of it stays."""
    with psycopg.connect(postgres_dsn, row_factory=dict_row) as connection:
        connection.execute(SOUND.encode())
        connection.execute(_done(ORDER, VISIT, "bath", kitchen=False, at="09:00", km=0).encode())
        connection.execute(_done(MEAL, MEAL_VISIT, "meal_lunch", kitchen=True, at="11:00", km=2).encode())
        connection.execute(f"INSERT INTO order_dishes VALUES ('{MEAL}', 0, '{DISH}', '蒸蛋', 'Egg', 1500, 1)".encode())
        connection.execute(_paid(MEAL, 500).encode())
        connection.execute(DELIVERED.encode())
        connection.execute(preface())
        yield connection
        connection.rollback()


def found(books: Books) -> dict[str, list[str]]:
    """Rule → what breaks it."""
    every = {rule.name: [name for name, _ in broken(books, rule, DAY)] for rule in rules()}
    return {name: ids for name, ids in every.items() if ids}


def test_in_a_sound_day_nothing_is_found(books: Books) -> None:
    assert found(books) == {}


BREAKS: dict[str, tuple[str, UUID]] = {
    "provider": (f"UPDATE workers SET provider_id = '{OTHER_PROVIDER}'", VISIT),
    "skill": ("UPDATE workers SET skills = '{cleaning}'", VISIT),
    "certificate": (f"UPDATE worker_certificates SET valid_until = date '{DAY}' - 1", VISIT),
    "region": ("UPDATE workers SET areas = '{420281}'", VISIT),
    "sex": ("UPDATE workers SET sex = 'male'", VISIT),
    "refused": (f"UPDATE visits SET refused_worker_ids = '{{{WORKER}}}' WHERE id = '{VISIT}'", VISIT),
    "paired": ("UPDATE workers SET kind = 'neighbour'", VISIT),
    "shift": (f"UPDATE visits SET told_starts_at = '{DAY} 17:45+08' WHERE id = '{VISIT}'", VISIT),
    "leave": (
        f"INSERT INTO leaves (id, worker_id, from_at, until_at, whole_days, reason, state, decided_at) VALUES"
        f" ('{OTHER}', '{WORKER}', '{DAY} 08:30+08', '{DAY} 10:00+08', false, '病假', 'granted', '{DAY} 08:30+08')",
        VISIT,
    ),
    "two_places": (
        f"INSERT INTO order_timeline (order_id, seq, move, state, visit_id, at)"
        f" VALUES ('{ORDER}', 5, 'end', 'done', '{VISIT}', '{DAY} 11:05+08')",
        VISIT,
    ),
    "too_far": (f"UPDATE orders SET lat = 32.0 WHERE id = '{MEAL}'", MEAL_VISIT),
    "second_worker": (f"UPDATE visits SET order_id = '{ORDER}', position = 1 WHERE id = '{MEAL_VISIT}'", VISIT),
    "unsettled": (
        f"UPDATE visits SET state = 'waiting', worker_id = NULL, worker_name = NULL WHERE id = '{VISIT}';"
        f" UPDATE orders SET state = 'placed' WHERE id = '{ORDER}'",
        ORDER,
    ),
    "unplanned": (
        f"UPDATE visits SET state = 'waiting', worker_id = NULL, worker_name = NULL WHERE id = '{VISIT}';"
        f" UPDATE orders SET day = date '{DAY}' + 1 WHERE id = '{ORDER}'",
        ORDER,
    ),
    "no_meal": (f"UPDATE orders SET state = 'missed' WHERE id = '{MEAL}'", MEAL),
    "fetched": ("UPDATE visits SET picks_up = false", MEAL_VISIT),
    "portions": ("UPDATE order_dishes SET portions = 2", DISH),
    "split": (f"UPDATE orders SET subsidy_fen = 700 WHERE id = '{MEAL}'", MEAL),
    "allowance": (f"UPDATE orders SET day = day + 1 WHERE id = '{ORDER}'; {_paid(ORDER, 600)}", ELDER),
    "history": (f"UPDATE orders SET version = 5 WHERE id = '{ORDER}'", ORDER),
    "told_twice": (
        "INSERT INTO notices (id, account_id, kind, order_id, elder_id, region_code, zh, en, told_once, not_before,"
        f" told_at) SELECT '{_id(0)}', account_id, kind, order_id, elder_id, region_code, zh, en, 'again', not_before,"
        f" told_at FROM notices WHERE kind = 'done' AND order_id = '{ORDER}'",
        _id(0),
    ),
    "delivery": (f"INSERT INTO notices (id, account_id, kind, order_id, elder_id, region_code, zh, en, told_once,"
                 f" not_before, told_at) VALUES ('{NOTICE}', '{ACCOUNT}', 'agreed', '{ORDER}', '{ELDER}', '420202', '',"
                 f" '', 'x', '{DAY}', '{DAY}')", NOTICE),
    "untold": (f"DELETE FROM notices WHERE kind = 'placed' AND order_id = '{ORDER}'", ORDER),
}  # fmt: skip


def test_each_rule_is_broken_here_by_something() -> None:
    assert BREAKS.keys() == {rule.name for rule in rules()}


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_a_rule_is_named(books: Books, name: str) -> None:
    change, broken_id = BREAKS[name]
    books.execute(change.encode())
    assert str(broken_id) in found(books).get(name, [])


@pytest.mark.parametrize("change", [_paid(ORDER, 100), _paid(MEAL, 100, units=2)])
def test_a_scheme_that_pays_more_often_than_it_may_on_a_day_is_named(books: Books, change: str) -> None:
    books.execute(change.encode())
    assert found(books) == {"allowance": [str(ELDER)]}


def test_a_version_that_the_bus_lacks_is_named_and_one_that_came_twice_is_allowed() -> None:
    said = {"a": Counter({1: 1, 2: 2}), "b": Counter({1: 1})}
    assert unsaid(said, {"a": 2, "b": 1}) == []
    assert repeated(said) == 1
    assert unsaid(said, {"a": 3, "b": 1}) == [("a", "versions [3] were never said")]
    assert unsaid(said, {"a": 2}) == [("b", "versions [1] were said and are not kept")]
