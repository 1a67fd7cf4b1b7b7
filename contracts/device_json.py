"""JSON as firmware writes it, read leniently as far as the meaning stays clear. Every step takes linear time."""

import json
import re
from typing import Any

MAX_DOCUMENTS = 600
_BETWEEN = re.compile(r"[\s,;\x00-\x1f\ufeff]*")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_PYTHON_WORD = re.compile(r"\b(?:True|False|None)\b")
_JSON_WORDS = {"True": "true", "False": "false", "None": "null"}
_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[\[\]{}]', re.DOTALL)
_CLOSING = {"{": "}", "[": "]"}


def documents_in(text: str, reader: json.JSONDecoder) -> tuple[list[Any], str]:
    """(the documents that stand one after the other, what followed them and is none). :raises json.JSONDecodeError:"""
    document, end = reader.raw_decode(text)
    documents = [document]
    while (start := _after(text, end)) < len(text):
        if not isinstance(document, dict | list | str):
            raise json.JSONDecodeError("Extra data", text, start)
        if len(documents) >= MAX_DOCUMENTS:
            break
        try:
            document, end = reader.raw_decode(text, start)
        except json.JSONDecodeError:
            return documents, text[start:]
        documents.append(document)
    return documents, ""


def _after(text: str, end: int) -> int:
    between = _BETWEEN.match(text, end)
    return between.end() if between else end


def mended(text: str) -> str:
    """Without the mistakes of hand-written output: wrong quotes, a comma before a bracket, a bracket missing at the
    end.

    A value that was cut off is not completed: half a number is another number.
    """
    if text[:1] not in ("{", "["):
        return text
    if '"' not in text:
        text = text.replace("'", '"')
    text = _TRAILING_COMMA.sub(r"\1", text)
    text = _PYTHON_WORD.sub(lambda word: _JSON_WORDS[word[0]], text)
    return text + _missing_brackets(text) if text[-1:] in ("}", "]", '"') else text


def _missing_brackets(text: str) -> str:
    opened: list[str] = []
    for piece in _TEXT_OR_BRACKET.findall(text):
        if piece in _CLOSING:
            opened.append(_CLOSING[piece])
        elif piece in ("}", "]") and opened and opened[-1] == piece:
            opened.pop()
    return "".join(reversed(opened)) if len(opened) <= 16 else ""
