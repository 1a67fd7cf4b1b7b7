"""What is behind `yian app`: a process of the pages, and one of the consoles. Several pairs may run side by side, each
on a port of its own."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from backbone import log as logs
from backbone.http import BoundedHttp
from backbone.priority import carry_alarms
from services.app.consoles import ConsoleServer, PagesServer, handing, two_ends
from services.app.factory import create_app, create_console_app
from services.settings import AppSettings
from services.wiring.app import AppParts, app_parts

CANNOT_START = 3


def run(settings: AppSettings, parts: Callable[[AppSettings], AppParts] = app_parts) -> None:
    """Serves until SIGTERM or SIGINT. `parts`: others than the settings make."""
    pages_end, consoles_end = two_ends()
    if os.fork():
        consoles_end.close()
        _serve_pages(settings, parts, pages_end)
    else:
        os.setsid()  # a session of its own: a priority counts only within one
        pages_end.close()
        carry_alarms()
        _serve_consoles(settings, parts, consoles_end)


def _serve_pages(settings: AppSettings, parts: Callable[[AppSettings], AppParts], consoles: socket.socket) -> None:
    logs.configure("app", settings.log_level)
    app = create_app(parts(settings), of_consoles=False)
    server = PagesServer(serving(settings, app, ws=handing(consoles)), consoles)
    server.run()
    if not server.started or server.left_alone:
        sys.exit(CANNOT_START)


def _serve_consoles(settings: AppSettings, parts: Callable[[AppSettings], AppParts], pages: socket.socket) -> None:
    logs.configure("consoles", settings.log_level)
    mine = settings.model_copy(update={"metrics_port": settings.console_metrics_port})
    ConsoleServer(serving(mine, create_console_app(parts(mine))), pages).run()


def serving(settings: AppSettings, app: FastAPI, *, ws: type[asyncio.Protocol] | None = None) -> uvicorn.Config:
    """:param ws: what is made of a request for a WebSocket; None: it is served here"""
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http=BoundedHttp,
        ws=ws or "websockets-sansio",
        ws_per_message_deflate=False,  # frames are small; deflating each costs latency
        ws_ping_interval=20.0,
        # Always set: by default uvicorn believes any program on this machine.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def main() -> None:
    run(AppSettings())
