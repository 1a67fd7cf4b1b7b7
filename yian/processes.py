"""Each process is a module's main(), which takes its settings from YIAN_*. A wrong setting is one sentence."""

import sys
from importlib import import_module

from pydantic import ValidationError

from yian.spare import wait_for_turn


def run(module: str) -> None:
    main = import_module(module).main
    wait_for_turn(module)
    try:
        code = main()
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            print(_sentence(problem["loc"], problem["type"], problem["msg"]), file=sys.stderr)
        raise SystemExit(2) from None
    raise SystemExit(code or 0)


def _sentence(where: tuple[int | str, ...], kind: str, said: str) -> str:
    name = "YIAN_" + "_".join(str(part) for part in where).upper()
    if kind == "missing":
        return f"{name} is not set: the README lists the settings, and `yian up` sets all of them by itself."
    return f"{name} cannot be used: {said}."
