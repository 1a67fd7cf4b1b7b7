"""The demo city in a database."""

from collections.abc import Iterator

import psycopg
import pytest

from services.elders import credentials
from services.elders.vault import Vault
from yian.demo.city import USERNAMES, found_city
from yian.servers import PostgresServer

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def dsn(postgres: PostgresServer, migrated: str) -> Iterator[str]:
    postgres.drop_database("demo_city")
    yield postgres.create_database("demo_city", like=migrated)
    postgres.drop_database("demo_city")


def ask(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


async def test_the_city_is_founded_once_and_grows(dsn: str) -> None:
    told: list[str] = []
    city = await found_city(dsn, KEY, elders=130, passwords={"operator": "kept-from-before"}, on_progress=told.append)
    assert city.elders_added == 130
    assert told
    assert [account.username for account in city.accounts] == list(USERNAMES)
    assert len({account.password for account in city.accounts}) == len(city.accounts)
    assert ask(dsn, "SELECT count(*) FROM elders") == [(130,)]
    assert set(city.homes) == set(city.credentials)

    kept = {account.username: account.password for account in city.accounts}
    ordered = ask(dsn, "SELECT count(*), count(DISTINCT provider_id) > 1 FROM orders")
    assert ordered[0][0] >= 10, "days are under way"
    assert ordered[0][1], "several providers have work"
    again = await found_city(dsn, KEY, elders=130, passwords=kept)
    assert ask(dsn, "SELECT count(*), count(DISTINCT provider_id) > 1 FROM orders") == ordered
    assert (again.elders_added, again.credentials) == (0, {})
    assert {account.username: account.password for account in again.accounts} == kept

    assert ask(dsn, "SELECT count(*) FROM readings") == [(0,)], "nothing is measured unless it is asked for"

    larger = await found_city(dsn, KEY, elders=150, passwords=kept, with_a_day=True)
    assert larger.elders_added == 20
    assert not set(larger.credentials) & set(city.credentials)
    hashes = dict(ask(dsn, "SELECT device_id, credential_hash FROM devices"))
    made = city.credentials | larger.credentials
    assert set(made) == set(hashes)
    for device_id in list(made)[:20]:
        assert credentials.fits(made[device_id], str(hashes[device_id]))


async def test_newcomers_may_come_with_a_day_of_readings(dsn: str) -> None:
    told = ask(
        dsn,
        "SELECT count(DISTINCT elder_id), min(measured_at) > now() - interval '25 hours', max(measured_at) < now()"
        " FROM readings JOIN device_bindings USING (device_id) WHERE name = 'heart_rate'",
    )
    assert told == [(20, True, True)]
    each = ask(dsn, "SELECT DISTINCT count(*) FROM readings WHERE device_id LIKE 'W-%' GROUP BY device_id")
    assert each == [(3 * 24 * 6,)]


async def test_the_family_belongs_to_one_elder_and_the_county_operator_to_a_county(dsn: str) -> None:
    family = ask(
        dsn, "SELECT b.device_id FROM grants g JOIN device_bindings b USING (elder_id) WHERE g.state = 'confirmed'"
    )
    assert ("W-000123",) in family
    regions = ask(
        dsn,
        "SELECT region_code FROM account_regions r JOIN accounts a ON a.id = r.account_id"
        " WHERE a.username = 'operator.daye'",
    )
    assert regions == [("420281",)]


async def test_every_service_of_the_catalogue_is_offered_in_every_county_below_the_ceiling(dsn: str) -> None:
    gaps = ask(
        dsn,
        "SELECT r.code, s.code FROM regions r, service_versions s WHERE r.level = 'county' AND NOT EXISTS"
        " (SELECT 1 FROM offer_versions o, unnest(o.region_codes) AS served"
        "  WHERE o.service_code = s.code AND r.code ^@ served)",
    )
    assert gaps == []
    above = ask(
        dsn,
        "SELECT 1 FROM offer_versions o JOIN service_versions s ON s.code = o.service_code"
        " WHERE o.price_fen > (s.terms ->> 'ceiling_fen')::int",
    )
    assert above == []
    assert ask(dsn, "SELECT count(*), count(DISTINCT provider_id) FROM provider_moves") == [(5, 5)], "admitted once"


async def test_every_provider_has_staff_with_shifts_and_is_hired_once(dsn: str) -> None:
    staff = ask(
        dsn,
        "SELECT DISTINCT count(*), count(p.worker_id), count(*) FILTER (WHERE w.kind = 'employed'), count(w.lat)"
        " FROM workers w LEFT JOIN shift_patterns p ON p.worker_id = w.id GROUP BY w.provider_id",
    )
    assert staff == [(3, 3, 2, 3)]


async def test_the_kitchens_have_menus_for_the_days_ahead(dsn: str) -> None:
    assert ask(dsn, "SELECT count(*), count(DISTINCT kitchen_id), max(version) FROM menus") == [(42, 3, 1)]
    assert ask(dsn, "SELECT DISTINCT count(*) FROM menu_items GROUP BY kitchen_id, day, meal") == [(4,)]


async def test_identity_numbers_are_sealed_and_found_again(dsn: str) -> None:
    rows = ask(dsn, "SELECT id, identity_number_sealed, identity_number_index FROM elders LIMIT 5")
    vault = Vault(KEY)
    for elder_id, sealed, index in rows:
        number = vault.open(bytes(sealed), elder_id)  # type: ignore[arg-type]
        assert number.startswith("420299")
        assert vault.blind_index(number) == bytes(index)  # type: ignore[arg-type]
