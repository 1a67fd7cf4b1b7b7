"""`yian` on the command line, as far as it needs no server."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = {name: value for name, value in os.environ.items() if not name.startswith("YIAN_")}


def yian(*words: str, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "yian", *words]
    return subprocess.run(
        command, cwd=cwd, env={**HERE, **environment}, capture_output=True, text=True, check=False, timeout=60
    )


def test_help_is_there_without_reading_the_whole_platform() -> None:
    program = (
        "import sys; import yian.cli\n"
        "heavy = {'psycopg', 'fastapi', 'aiokafka', 'numba', 'scipy', 'matplotlib', 'pydantic'} & set(sys.modules)\n"
        "print(*sorted(heavy))"
    )
    read = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert read.stdout == "\n"


@pytest.mark.parametrize(
    ("process", "needed"),
    [
        ("gateway", "YIAN_MQTT"),
        ("app", "YIAN_SECRET_KEY"),
        ("alarms", "YIAN_BUS"),
        ("worker", "YIAN_DATABASE"),
        ("writer", "YIAN_BUS"),
        ("dispatcher", "YIAN_SECRET_KEY"),
    ],
)
def test_a_process_without_its_settings_names_them_in_a_sentence_each(
    process: str, needed: str, tmp_path: Path
) -> None:
    ended = yian(process, cwd=tmp_path)
    assert ended.returncode == 2
    assert f"{needed} is not set" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_secret_that_is_too_short_is_told_without_showing_it(tmp_path: Path) -> None:
    ended = yian(
        "app", cwd=tmp_path, YIAN_DATABASE="postgresql://x/y", YIAN_BUS="postgresql://x/y", YIAN_SECRET_KEY="c2hvcnQ="
    )
    assert ended.returncode == 2
    assert "YIAN_SECRET_KEY cannot be used" in ended.stderr
    assert "c2hvcnQ" not in ended.stderr


@pytest.mark.parametrize(
    "words", [("migrate",), ("devices", "list"), ("dead-letters", "list"), ("demo",)], ids=" ".join
)
def test_a_tool_that_finds_no_city_says_how_to_get_one(words: tuple[str, ...], tmp_path: Path) -> None:
    ended = yian(*words, cwd=tmp_path)
    assert ended.returncode == 1
    assert "make up" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_tool_whose_database_is_away_says_so_within_seconds(tmp_path: Path) -> None:
    began = time.monotonic()
    ended = yian("devices", "list", cwd=tmp_path, YIAN_DATABASE="postgresql://nobody@127.0.0.1:1/none")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert time.monotonic() - began < 20
