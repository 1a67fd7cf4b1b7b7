"""Signing in: patience with failures, roles, scopes, the password hasher."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts import rules
from services.accounts.model import Scope
from services.accounts.passwords import Passwords
from services.accounts.permissions import MAY, Permission, Role
from services.accounts.rules import PER_ADDRESS, PER_USERNAME, Attempts, BadAccount, Throttled

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def test_the_first_attempts_are_free() -> None:
    for count in range(5):
        Attempts(count, NOW).refuse_if_too_many(PER_USERNAME, NOW)
    Attempts(0, None).refuse_if_too_many(PER_USERNAME, NOW)


def test_each_further_failure_doubles_the_wait() -> None:
    waits = [PER_USERNAME.wait(count).total_seconds() for count in range(5, 16)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_a_throttled_attempt_is_told_how_long_to_wait() -> None:
    with pytest.raises(Throttled) as refused:
        Attempts(9, NOW - timedelta(seconds=6)).refuse_if_too_many(PER_USERNAME, NOW)
    assert refused.value.headers() == {"Retry-After": "11"}
    Attempts(9, NOW - timedelta(seconds=16)).refuse_if_too_many(PER_USERNAME, NOW)


@given(st.integers(0, 10_000))
def test_no_wait_is_longer_than_the_longest(count: int) -> None:
    assert PER_USERNAME.wait(count) <= timedelta(minutes=5)
    assert PER_ADDRESS.wait(count) <= timedelta(minutes=1)


def test_a_user_name_is_compared_without_case_and_blanks() -> None:
    assert rules.username_of("  Operator ") == "operator"


@pytest.mark.parametrize(
    ("username", "password"),
    [("A", "long enough!"), ("张三", "long enough!"), ("a b", "long enough!"), ("abc", "short")],
)
def test_an_account_that_will_not_do_is_refused(username: str, password: str) -> None:
    with pytest.raises(BadAccount):
        rules.check_new_account(username, password)


def test_random_passwords_differ_and_will_do() -> None:
    made = {rules.random_password() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        rules.check_new_account("operator", password)


def test_a_family_moves_no_case_and_reveals_nothing() -> None:
    assert not MAY[Role.FAMILY] & {
        Permission.CASES_MOVE,
        Permission.ELDERS_REVEAL,
        Permission.CONSOLE_FEED,
        Permission.DEVICES_READ,
    }


def test_every_role_is_told_what_it_may() -> None:
    assert set(MAY) == set(Role)


@pytest.mark.parametrize(
    ("role", "regions", "provider"),
    [
        (Role.OPERATOR, (), None),
        (Role.REGULATOR, (), None),
        (Role.REGULATOR, ("4202",), UUID(int=1)),
        (Role.PROVIDER, (), None),
        (Role.PROVIDER, ("4202",), UUID(int=1)),
        (Role.FAMILY, (), UUID(int=1)),
        (Role.WORKER, (), None),
        (Role.WORKER, (), UUID(int=1)),
    ],
)
def test_an_account_without_its_place_or_with_anothers_is_refused(
    role: Role, regions: tuple[str, ...], provider: UUID | None
) -> None:
    with pytest.raises(BadAccount):
        rules.check_place(role, regions, provider)


def test_an_account_belongs_where_its_role_says() -> None:
    rules.check_place(Role.REGULATOR, ("4202",), None)
    rules.check_place(Role.PROVIDER, (), UUID(int=1))
    rules.check_place(Role.FAMILY, (), None)
    rules.check_place(Role.WORKER, (), None, UUID(int=2))


@pytest.mark.parametrize(
    ("role", "regions", "provider"),
    [
        (Role.WORKER, ("4202",), None),
        (Role.WORKER, (), UUID(int=1)),
        (Role.PROVIDER, (), UUID(int=1)),
        (Role.FAMILY, (), None),
    ],
)
def test_the_account_of_a_worker_is_that_of_nobody_else(
    role: Role, regions: tuple[str, ...], provider: UUID | None
) -> None:
    with pytest.raises(BadAccount):
        rules.check_place(role, regions, provider, UUID(int=2))


def test_neither_a_provider_its_workers_nor_a_regulator_sees_an_elder_or_a_case() -> None:
    for role in (Role.PROVIDER, Role.WORKER, Role.REGULATOR):
        assert not MAY[role] & {Permission.ELDERS_READ, Permission.CASES_READ, Permission.VITALS_READ}


ELDER = UUID(int=1)


@pytest.mark.parametrize(
    ("scope", "region", "elder", "covered"),
    [
        (Scope(("4202",)), "420281104214", ELDER, True),
        (Scope(("420281",)), "420281104214", ELDER, True),
        (Scope(("420281",)), "420202001001", ELDER, False),
        (Scope(("420281", "420202")), "420202001001", ELDER, True),
        (Scope(("420281",)), None, None, True),
        (Scope(()), "420202001001", ELDER, False),
        (Scope((), frozenset({ELDER})), "420202001001", ELDER, True),
        (Scope((), frozenset({ELDER})), "420202001001", UUID(int=2), False),
        (Scope((), frozenset({ELDER})), None, None, False),
        (Scope(("4202",), frozenset()), "420202001001", ELDER, False),
    ],
)
def test_a_scope_covers_rows_of_its_regions_or_its_elders(
    scope: Scope, region: str | None, elder: UUID | None, covered: bool
) -> None:
    assert scope.covers(region_code=region, elder_id=elder) is covered


async def test_a_password_fits_its_hash_only() -> None:
    passwords = Passwords()
    hashed = await passwords.hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert await passwords.fits("correct horse", hashed)
    assert not await passwords.fits("wrong horse", hashed)
    assert not await passwords.fits("correct horse", None)
    assert not await passwords.fits("correct horse", f"not a hash {uuid4()}")
