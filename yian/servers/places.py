"""Where things lie: the checkout with its deploy/ files, and programs of the machine."""

import shutil
from pathlib import Path

from yian.servers.process import ServerMissing

CHECKOUT = Path(__file__).resolve().parents[2]
DEPLOY = CHECKOUT / "deploy"


def program(name: str, *, package: str) -> str:
    """Full path of a program; /usr/sbin counts too, which is not on every user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
    if found is None:
        raise ServerMissing(f"{name} is not on this machine: install it (Debian: apt-get install {package}).")
    return found
