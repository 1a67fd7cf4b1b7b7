"""What a stranger reads first must be true."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest_gateway.settings import GatewaySettings
from services.settings import AppSettings, DispatcherSettings, WorkerSettings, WriterSettings
from yian.cli import app
from yian.servers.places import CHECKOUT

READMES = [CHECKOUT / "README.md", CHECKOUT / "README.zh-CN.md"]
DOCUMENTS = [*READMES, *sorted((CHECKOUT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_link_to_a_file_leads_to_one(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_the_two_commands_come_first(path: Path) -> None:
    code = re.findall(r"```sh\n(.*?)```", path.read_text(), flags=re.DOTALL)
    assert [line.split("#")[0].strip() for line in code[0].splitlines()] == ["make up", "make test"]


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_every_setting_it_names_is_one(path: Path) -> None:
    known = {
        f"YIAN_{name.upper()}"
        for settings in (AppSettings, WorkerSettings, DispatcherSettings, WriterSettings, GatewaySettings)
        for name in settings.model_fields
    }
    named = set(re.findall(r"`(YIAN_[A-Z_]+)`", path.read_text()))
    assert named
    assert named <= known


def test_both_languages_say_the_same_commands() -> None:
    english, chinese = (re.findall(r"^yian .*?(?=\s{2,})", path.read_text(), flags=re.MULTILINE) for path in READMES)
    assert english == chinese
    assert english


def test_every_command_of_the_readme_is_one_and_every_one_is_in_it() -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    commands = set(re.findall(r"^│ ([a-z][a-z-]*)\s", shown, flags=re.MULTILINE))
    block = re.findall(r"```\n(yian .*?)```", READMES[0].read_text(), flags=re.DOTALL)[0]
    named = {
        word
        for line in block.splitlines()
        for word in re.findall(r"^yian ([^\s]+)|\| ([a-z-]+)", line)
        for word in word
    }
    assert {"up", "gateway", "app", "worker", "migrate", "sim", "devices", "doctor"} <= commands
    assert commands - {"documents", "dispatch"} <= named
