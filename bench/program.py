"""How every bench begins and ends."""

import sys
from collections.abc import Callable
from typing import NoReturn

from dispatch.reading import UnreadableFile
from yian.up.trouble import sentence_of
from yian.utf8 import use_utf8


def run(main: Callable[[], int | None]) -> NoReturn:
    """`main` returns the exit code; None is 0. A file that cannot be used is one sentence, and 2."""
    use_utf8()
    try:
        code = main()
    except UnreadableFile as error:
        print(error, file=sys.stderr)
        code = 2
    except OSError as error:
        if error.filename is None:
            raise
        print(sentence_of(error), file=sys.stderr)
        code = 2
    raise SystemExit(code or 0)
