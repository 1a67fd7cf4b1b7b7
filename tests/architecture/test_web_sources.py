"""The pages: colours in one file, words in folders of their own, both languages complete."""

import re
from pathlib import Path

import pytest

from yian.servers.places import CHECKOUT

SOURCES = CHECKOUT / "web" / "src"
FILES = sorted(path for path in SOURCES.rglob("*") if path.suffix in (".vue", ".ts", ".css"))
TOKENS = SOURCES / "ui" / "tokens.css"
HEX_COLOUR = re.compile(r"(?<![\w&/#])#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})\b(?![\w-])")
COLOUR_FUNCTION = re.compile(r"\b(?:rgba?|hsla?|oklch|oklab)\(\s*[\d.]")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _code(path: Path) -> str:
    """Without comments, which may say anything."""
    text = path.read_text()
    text = re.sub(r"/\*.*?\*/|<!--.*?-->", "", text, flags=re.DOTALL)
    return re.sub(r"(?m)(^|\s)//.*$", "", text)


def test_there_are_pages_to_look_at() -> None:
    assert TOKENS in FILES
    assert len(FILES) > 20


@pytest.mark.parametrize("path", [f for f in FILES if f != TOKENS], ids=lambda path: str(path.relative_to(SOURCES)))
def test_no_colour_is_named_outside_the_token_file(path: Path) -> None:
    code = _code(path)
    assert not HEX_COLOUR.findall(code)
    assert not COLOUR_FUNCTION.findall(code)


@pytest.mark.parametrize(
    "path", [f for f in FILES if "words" not in f.relative_to(SOURCES).parts], ids=lambda p: str(p.relative_to(SOURCES))
)
def test_words_for_people_stand_in_the_folders_of_words(path: Path) -> None:
    fonts = re.compile(r"font-family:[^;]*;|--font[\w-]*:[^;]*;")
    assert not CHINESE.findall(fonts.sub("", _code(path)))
