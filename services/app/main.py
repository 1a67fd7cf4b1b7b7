"""The process behind `yian app`. Several may run side by side, each on a port of its own."""

import uvicorn

from backbone import log as logs
from services.app.factory import create_app
from services.settings import AppSettings
from services.wiring import app_parts


def run(settings: AppSettings) -> None:
    """Serves until SIGTERM or SIGINT."""
    logs.configure("app", settings.log_level)
    uvicorn.run(
        create_app(app_parts(settings)),
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # frames are small; deflating each costs latency
        ws_ping_interval=20.0,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def main() -> None:
    run(AppSettings())
