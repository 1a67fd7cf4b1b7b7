"""Errors that a person can fix are printed as one sentence; all others keep their traceback, for the developers."""

import functools
from collections.abc import Callable
from typing import ParamSpec

import psycopg
import typer

from backbone.bus import BusUnavailable
from services.errors import DomainError
from yian.doctor.mqtt_probe import NoAnswer
from yian.servers import ServerError
from yian.up.trouble import Trouble, sentence_of

_Arguments = ParamSpec("_Arguments")


def sentence(error: BaseException) -> str | None:
    """None: not of this kind."""
    if isinstance(error, (Trouble, ServerError, DomainError)):
        return str(error)
    if isinstance(error, NoAnswer):
        return f"The MQTT broker cannot be used ({error}): see `yian doctor`."
    if isinstance(error, BusUnavailable):
        return f"The bus cannot be used ({error}): see `yian doctor`."
    if isinstance(error, psycopg.OperationalError):
        return f"The database cannot be used ({str(error).strip().splitlines()[-1]}): see `yian doctor`."
    if isinstance(error, psycopg.errors.UndefinedTable):
        return "The database lacks tables of this release: run `yian migrate`."
    if isinstance(error, OSError):
        return sentence_of(error)
    return None


def plain_errors(command: Callable[_Arguments, None]) -> Callable[_Arguments, None]:
    @functools.wraps(command)
    def told(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> None:
        try:
            command(*arguments, **options)
        except Exception as error:
            said = sentence(error)
            if said is None:
                raise
            typer.echo(said, err=True)
            raise typer.Exit(1) from None

    return told
