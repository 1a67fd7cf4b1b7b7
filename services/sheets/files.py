"""Sheets as files over HTTP: what the document says of them, and what is sent."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from fastapi import Response

from services.sheets.model import CSV, MOST_BYTES, MOST_ROWS, XLSX, SheetForm
from services.sheets.writing import TextRow, written_csv, written_xlsx

READ_AT_ONCE = 1
"""Unpacking and reading a book takes memory and a core, so others wait."""
Format = Literal["xlsx", "csv"]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"the file itself, at most {MOST_BYTES // 1024 // 1024} MiB and {MOST_ROWS} rows a sheet",
        "content": {XLSX: _BINARY, "text/csv": _BINARY},
    }
}
DOWNLOAD: dict[int | str, dict[str, Any]] = {
    200: {"content": {XLSX: _BINARY, "text/csv": _BINARY}, "description": "The file"}
}


async def xlsx_file(name: str, sheets: Sequence[tuple[SheetForm, Sequence[TextRow]]]) -> Response:
    return sent(await asyncio.to_thread(written_xlsx, sheets), XLSX, f"{name}.xlsx")


def csv_file(name: str, form: SheetForm, rows: Sequence[TextRow]) -> Response:
    return sent(written_csv(form, rows), CSV, f"{name}.csv")


def sent(file: bytes, media_type: str, name: str) -> Response:
    headers: Mapping[str, str] = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(file, media_type=media_type, headers=dict(headers))
