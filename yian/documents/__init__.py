"""Documents made from the code, committed beside it, and held against it by a test."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from yian.documents.asyncapi import asyncapi
from yian.documents.openapi import openapi
from yian.servers.places import CHECKOUT

DOCUMENTS: dict[Path, Callable[[], dict[str, Any]]] = {
    CHECKOUT / "docs" / "openapi.json": openapi,
    CHECKOUT / "docs" / "asyncapi.json": asyncapi,
}


def text_of(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def write_all() -> list[Path]:
    """Returns those that changed."""
    changed = []
    for path, make in DOCUMENTS.items():
        text = text_of(make())
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            changed.append(path)
    return changed
