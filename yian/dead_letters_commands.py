"""`yian dead-letters list|show|replay`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from contracts.dead_letter import DeadLetter
from contracts.device_text import visible
from yian import dead_letters
from yian.plain_errors import plain_errors
from yian.surroundings import Surroundings
from yian.up.trouble import Trouble

app = typer.Typer(help="What could not be read.", no_args_is_help=True, add_completion=False)
Data = Annotated[Path, typer.Option("--data", envvar="YIAN_DATA", help="of the city that runs here")]
DEFAULT_DATA = Path(".yian")
LETTER = "the first characters of its id, as `list` shows it"


@app.command(name="list")
@plain_errors
def list_(
    *,
    device: Annotated[str | None, typer.Option(help="of this device only")] = None,
    limit: Annotated[int, typer.Option(help="the newest so many", min=1)] = 50,
    data: Data = DEFAULT_DATA,
) -> None:
    """One line each, the newest last."""
    letters = [letter for letter in _all(data) if device in (None, letter.device_id)]
    for letter in letters[-limit:]:
        when = letter.received_at.astimezone().isoformat(timespec="seconds")
        times = f"  × {letter.counted.letters}" if letter.counted else ""
        line = f"{letter.letter_id[:12]}  {when}  {letter.device_id or '-':<24} {letter.lane:<10} {letter.code}{times}"
        typer.echo(line)
    typer.echo(
        f"{len(letters)} letters are kept." if letters else "No dead letters: everything could be read.", err=True
    )


@app.command()
@plain_errors
def show(
    letter_id: Annotated[str, typer.Argument(help=LETTER)],
    *,
    raw: Annotated[bool, typer.Option("--raw", help="only the bytes, as they came")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Why it could not be read, and its bytes."""
    letter = _one(_all(data), letter_id)
    if raw:
        sys.stdout.buffer.write(letter.payload)
        return
    typer.echo(f"id        {letter.letter_id}\ndevice    {letter.device_id or '-'}\nlane      {letter.lane}")
    typer.echo(f"received  {letter.received_at.isoformat()}\nreason    {letter.code}: {letter.detail}")
    if letter.counted is not None:
        counted = letter.counted
        typer.echo(f"counted   {counted.letters} letters, {counted.bytes} bytes, none of them kept")
        typer.echo(f"between   {counted.first_at.isoformat()} and {counted.last_at.isoformat()}")
        typer.echo("digests   " + "\n          ".join(counted.digests))
        return
    typer.echo(f"bytes     {len(letter.payload)}\n\n{visible(letter.payload[:4096].decode(errors='backslashreplace'))}")


@app.command()
@plain_errors
def replay(
    letter_ids: Annotated[list[str] | None, typer.Argument(help=LETTER)] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="all that are kept")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Read them again with this release; what can be read takes effect, once."""
    letters = _all(data)
    if not letter_ids and not every:
        raise Trouble("Name the letters to replay, or --all.")
    chosen = letters if every else [_one(letters, letter_id) for letter_id in letter_ids or []]
    asyncio.run(_replay(data, chosen))


async def _replay(data: Path, letters: list[DeadLetter]) -> None:
    async with dead_letters.opened(Surroundings.at(data)) as bus:
        for letter in letters:
            try:
                count = await dead_letters.replay(bus, letter)
            except dead_letters.StillUnreadable as why:
                typer.echo(f"{letter.letter_id[:12]}  still unreadable: {why}")
            else:
                typer.echo(f"{letter.letter_id[:12]}  {count} records published")


def _all(data: Path) -> list[DeadLetter]:
    async def read() -> list[DeadLetter]:
        async with dead_letters.opened(Surroundings.at(data)) as bus:
            return await dead_letters.read(bus)

    return asyncio.run(read())


def _one(letters: list[DeadLetter], letter_id: str) -> DeadLetter:
    fitting = [letter for letter in letters if letter.letter_id.startswith(letter_id)]
    if len(fitting) != 1:
        count = "no letter" if not fitting else f"{len(fitting)} letters"
        raise Trouble(f"{count} begins with {letter_id}: see `yian dead-letters list`.")
    return fitting[0]
