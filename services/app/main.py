"""The process behind `yian app`. Several may run side by side, each on a port of its own."""

import sys

import uvicorn
from fastapi import FastAPI

from backbone import log as logs
from services.app.factory import create_app
from services.settings import AppSettings
from services.wiring.app import AppParts, app_parts

CANNOT_START = 3


def run(settings: AppSettings, parts: AppParts | None = None) -> None:
    """Serves until SIGTERM or SIGINT. `parts`: others than the settings make."""
    logs.configure("app", settings.log_level)
    server = uvicorn.Server(serving(settings, create_app(parts or app_parts(settings))))
    server.run()
    if not server.started:
        sys.exit(CANNOT_START)


def serving(settings: AppSettings, app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        ws="websockets-sansio",
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
