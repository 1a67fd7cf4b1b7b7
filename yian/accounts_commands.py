"""`yian accounts create|list|password|off|on`: who may sign in. A password is shown once and kept as a hash."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from services.accounts import handlers
from services.accounts.model import Account
from services.accounts.passwords import Passwords
from services.accounts.permissions import Role
from services.db.pool import Connection
from yian.in_a_transaction import in_a_transaction
from yian.plain_errors import plain_errors

app = typer.Typer(help="Accounts of people.", no_args_is_help=True, add_completion=False)
Data = Annotated[Path, typer.Option("--data", envvar="YIAN_DATA", help="of the city that runs here")]
Username = Annotated[str, typer.Argument(help="2 to 32 of a-z 0-9 . _ -")]
DEFAULT_DATA = Path(".yian")
NAME = "yian accounts"


@app.command()
@plain_errors
def create(
    username: Username,
    *,
    name: Annotated[str, typer.Option(help="as colleagues read it")],
    role: Annotated[Role, typer.Option(help="what they may do")],
    region: Annotated[list[str] | None, typer.Option(help="code or prefix of a region they work for; repeat")] = None,
    elder: Annotated[
        list[UUID] | None, typer.Option(help="id of an elder for whom they may do everything; repeat")
    ] = None,
    provider: Annotated[UUID | None, typer.Option(help="id of the provider whose staff they are")] = None,
    worker: Annotated[UUID | None, typer.Option(help="id of the worker who they are")] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Make an account and print its password, once."""

    async def work(tx: Connection) -> tuple[Account, str]:
        regions, elders = tuple(region or ()), tuple(elder or ())
        return await handlers.create_account(
            tx,
            Passwords(),
            username=username,
            name=name,
            role=role,
            region_codes=regions,
            elder_ids=elders,
            provider_id=provider,
            worker_id=worker,
        )

    account, password = in_a_transaction(data, NAME, work)
    typer.echo(f"{account.username}\t{password}")


@app.command(name="list")
@plain_errors
def list_(data: Data = DEFAULT_DATA) -> None:
    """Every account, what it may do and where."""
    for listed in in_a_transaction(data, NAME, handlers.list_accounts):
        account = listed.account
        where = ",".join(account.region_codes) or str(
            account.provider_id or account.worker_id or f"{listed.elders} elder(s)"
        )
        state = "" if listed.active else "switched off"
        typer.echo(f"{account.username:<24} {account.role.value:<11} {where:<24} {account.name} {state}".rstrip())


@app.command()
@plain_errors
def password(username: Username, data: Data = DEFAULT_DATA) -> None:
    """A new password, printed once; whoever is signed in with the old one is signed out."""
    typer.echo(in_a_transaction(data, NAME, lambda tx: handlers.reset_password(tx, Passwords(), username)))


@app.command()
@plain_errors
def off(username: Username, data: Data = DEFAULT_DATA) -> None:
    """Switch an account off and sign it out; nothing it did is forgotten."""
    in_a_transaction(data, NAME, lambda tx: handlers.switch_account(tx, username, active=False))


@app.command()
@plain_errors
def on(username: Username, data: Data = DEFAULT_DATA) -> None:
    """Switch an account on again."""
    in_a_transaction(data, NAME, lambda tx: handlers.switch_account(tx, username, active=True))
