"""PostgreSQL refuses to run as root: started by root, its programs run as another user.

That user needs no right on the way to the data. He is handed the opened directory, and calls what lies below it
`/proc/self/fd/N/…`; so every folder above it, a home directory too, may be closed to him.
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yian.servers.process import ServerError

_OPENED = Path("/proc/self/fd")


@dataclass(frozen=True, slots=True)
class Runner:
    """Who runs PostgreSQL's programs, and how they call what lies in their directory."""

    directory: Path
    uid: int | None = None
    gid: int | None = None
    opened: int | None = None
    """The directory as a file descriptor; None: the programs use the path itself."""

    def path(self, path: Path) -> Path:
        if self.opened is None or not path.is_relative_to(self.directory):
            return path
        return _OPENED / str(self.opened) / path.relative_to(self.directory)

    def popen_options(self) -> dict[str, Any]:
        if self.uid is None or self.gid is None or self.opened is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "pass_fds": (self.opened,)}

    def own(self, path: Path, mode: int = 0o700) -> None:
        """Only the runner may use it (and root)."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def close(self) -> None:
        if self.opened is not None:
            os.close(self.opened)


def runner_for(directory: Path, data: Path) -> Runner:
    """`directory`: all that the programs use lies below it. `data`: the cluster, whose owner stays its owner."""
    if os.geteuid() != 0:
        directory.chmod(0o700)
        _refuse_nameless()
        return Runner(directory)
    if not _OPENED.is_dir():
        raise ServerError(
            "PostgreSQL cannot run as root, nor be started by root without /proc: mount it, or be another user."
        )
    user = pwd.getpwuid(data.stat().st_uid) if (data / "PG_VERSION").exists() else _unprivileged_user()
    try:
        os.chown(directory, 0, user.pw_gid)
    except OSError:
        raise ServerError(
            f"PostgreSQL cannot run as root, and this root may not start it as {user.pw_name}: give the container "
            "CAP_CHOWN, CAP_SETUID and CAP_SETGID, or be a user who is not root."
        ) from None
    directory.chmod(0o710)  # he passes through what he was handed; he may not list it
    opened = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    return Runner(directory, uid=user.pw_uid, gid=user.pw_gid, opened=opened)


def _refuse_nameless() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise ServerError(
            f"PostgreSQL needs a user with a name, and {os.geteuid()} has none on this machine: add a line for it to "
            "/etc/passwd (useradd), or be another user."
        ) from None


def _unprivileged_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerError("PostgreSQL cannot run as root: this machine has neither a user postgres nor nobody; add one.")
