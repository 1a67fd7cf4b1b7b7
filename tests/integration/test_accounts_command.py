"""`yian accounts …` against a database."""

import re
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner, Result

from yian.accounts_commands import app


@pytest.fixture
def accounts(postgres_dsn: str) -> "Accounts":
    return Accounts(postgres_dsn)


class Accounts:
    def __init__(self, dsn: str) -> None:
        self._environment = {"YIAN_DATABASE": dsn}

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(app, list(words), env=self._environment)


def test_an_account_is_made_listed_and_switched_off(accounts: Accounts) -> None:
    made = accounts("create", "li.fang", "--name", "李芳", "--role", "operator", "--region", "4202")
    assert made.exit_code == 0, made.output
    assert re.fullmatch(r"li\.fang\t[a-z2-9-]{19}\n", made.output)
    assert re.search(r"li\.fang +operator +4202 +李芳$", accounts("list").output, re.MULTILINE)
    renewed = accounts("password", "li.fang")
    assert renewed.output.strip() not in made.output
    assert accounts("off", "li.fang").exit_code == 0
    assert "switched off" in accounts("list").output
    assert accounts("on", "li.fang").exit_code == 0
    assert "switched off" not in accounts("list").output


def test_what_cannot_be_is_said_in_a_sentence(accounts: Accounts) -> None:
    nowhere = accounts("create", "zhang", "--name", "张", "--role", "operator")
    assert nowhere.exit_code != 0
    assert "needs a region" in nowhere.output
    assert "there is no account nobody" in accounts("password", "nobody").output
    assert "Traceback" not in nowhere.output
    stray = accounts("create", "stray", "--name", "无", "--role", "provider", "--provider", str(uuid4()))
    assert "no such provider or worker" in stray.output
    stray = accounts("create", "stray", "--name", "无", "--role", "family", "--elder", str(uuid4()))
    assert "no such elder" in stray.output
    stray = accounts(
        "create", "stray", "--name", "无", "--role", "operator", "--region", "4202", "--elder", str(uuid4())
    )
    assert "only an account of role family" in stray.output


def test_a_regulator_has_regions_and_the_staff_of_a_provider_has_a_provider(
    accounts: Accounts, postgres_dsn: str
) -> None:
    provider = str(uuid4())
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute(
            "INSERT INTO providers (id, name, licence_number, licence_until, phone, state)"
            " VALUES (%s, '银杏', 'L-1', '2030-01-01', '10133334444', 'active')",
            (provider,),
        )
    assert accounts("create", "mz.wang", "--name", "王", "--role", "regulator", "--region", "4202").exit_code == 0
    made = accounts("create", "yinxing", "--name", "银杏", "--role", "provider", "--provider", provider)
    assert made.exit_code == 0, made.output
    assert re.search(rf"yinxing +provider +{provider} 银杏$", accounts("list").output, re.MULTILINE)
