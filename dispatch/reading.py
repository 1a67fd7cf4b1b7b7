"""Files that people give us: what cannot be read is said with the file, the line, what is wrong and the mend."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
import typer

T = TypeVar("T")


class UnreadableFile(Exception):
    """Its text is for whoever gave the file."""


def read_text(path: Path) -> str:
    """In UTF-8, with or without its mark. Never empty."""
    try:
        content = path.read_bytes()
    except OSError as broken:
        raise UnreadableFile(f"{path}: {broken.strerror}. Name a file that can be read.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = content.count(b"\n", 0, broken.start) + 1
        raise UnreadableFile(f"{path}, line {line}: this is not UTF-8. Save the file as UTF-8.") from None
    if not text.strip():
        raise UnreadableFile(f"{path}: the file is empty. Fetch or write it again.")
    return text


def read_json(path: Path, kind: type[T]) -> T:
    text = read_text(path)
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as broken:
        raise UnreadableFile(f"{path}: {broken}. Correct this place, or name another file.") from None
    except msgspec.DecodeError as broken:
        at = re.search(r"\(byte (\d+)\)", str(broken))
        line = text.encode()[: int(at[1])].count(b"\n") + 1 if at else 1
        raise UnreadableFile(f"{path}, line {line}: {broken}. Correct the JSON there.") from None


@contextmanager
def one_sentence() -> Iterator[None]:
    """For commands: what is wrong with what was given is one sentence, and the exit code is 2."""
    try:
        yield
    except (UnreadableFile, ValueError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
