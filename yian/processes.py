"""Each process: its settings from the environment, then its main. A wrong setting is one sentence a setting."""

import sys
from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError

_Settings = TypeVar("_Settings")


def _settings(make: Callable[[], _Settings]) -> _Settings:
    try:
        return make()
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            name = "YIAN_" + "_".join(str(part) for part in problem["loc"]).upper()
            said = "is not set" if problem["type"] == "missing" else f"cannot be used: {problem['msg']}"
            print(
                f"{name} {said}. See docs/settings in README.md, or start everything with `yian up`.", file=sys.stderr
            )
        raise SystemExit(2) from None


def run_app() -> None:
    from services.app.main import run
    from services.settings import AppSettings

    run(_settings(AppSettings))
