"""`yian reset`: the data directory goes."""

import shutil
import sys
from pathlib import Path

from yian.servers.outside import forget_outside
from yian.up.city import DataDirectory
from yian.up.lock import Lock
from yian.up.trouble import Trouble, sentence_of


def reset(root: Path) -> int:
    """Returns the exit code. Refuses while a city runs on it, and a directory that is not ours."""
    if not root.exists():
        print(f"{root} does not exist: nothing to forget.")
        return 0
    try:
        data = DataDirectory(root)
        if not data.of("lock").exists():
            raise Trouble(f"{root} is not a data directory of `yian up`: nothing was touched.")
        with Lock(data.of("lock")):
            forget_outside(data.of("postgres"))
            shutil.rmtree(root)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except OSError as error:
        print(sentence_of(error), file=sys.stderr)
        return 1
    print(f"{root} is gone; the next `make up` starts from nothing.")
    return 0
