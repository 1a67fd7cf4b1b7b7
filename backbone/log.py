"""Logs are JSON lines on stderr: what happened and to which device, never what was in a message or whose it was."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

QUIET = {"aiokafka": logging.ERROR, "asyncio": logging.WARNING, "kafka": logging.ERROR}
"""aiokafka warns at every attempt during an outage; our processes report the outage once, in their own words."""


def without_values(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where an exception came from and the first line of what it says: further lines may quote a person's data."""
    found = line.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    parts: list[str] = []
    while isinstance(error, BaseException):
        parts.append("".join(traceback.format_tb(error.__traceback__)) + describe(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if parts:
        line["exception"] = "\nwhile handling\n".join(parts)
    return line


def describe(error: BaseException) -> str:
    """Its kind and the first line of what it says."""
    first = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def configure(process: str, level: str = "info") -> None:
    """Structured logging for this process, other libraries' lines included."""
    before: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_values,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, quietest in QUIET.items():
        logging.getLogger(name).setLevel(max(quietest, root.level))
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(process=process)
