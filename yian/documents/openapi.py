"""The HTTP interface, from the application itself. No server is needed: nothing is contacted."""

import base64
from typing import Any

from services.app.factory import create_app
from services.settings import AppSettings
from services.wiring.app import app_parts

_NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
_NO_KEY = base64.b64encode(bytes(32)).decode()


def openapi() -> dict[str, Any]:
    settings = AppSettings.model_validate({"database": _NOWHERE, "bus": _NOWHERE, "secret_key": _NO_KEY})
    return create_app(app_parts(settings)).openapi()
