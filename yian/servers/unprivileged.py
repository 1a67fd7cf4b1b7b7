"""PostgreSQL refuses to run as root: as root, its programs run as another user who may still read the checkout."""

import os
import pwd
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yian.servers.process import ServerError


@dataclass(frozen=True, slots=True)
class Runner:
    """How to run a PostgreSQL program: under which user, and with which words before the command."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def command(self, *words: str) -> list[str]:
        return [*self.prefix, *words]

    def popen_options(self) -> dict[str, Any]:
        if self.uid is None or self.gid is None or self.prefix:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, directory: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(directory, self.uid, self.gid)


def runner_for(data: Path, reads: Sequence[Path]) -> Runner:
    """`data`: the cluster, whose owner stays its owner. `reads`: what the programs must be able to reach."""
    if os.geteuid() != 0:
        return Runner()
    user = pwd.getpwuid(data.stat().st_uid) if _has_cluster(data) else _unprivileged_user()
    if all(_open_to_all(path) for path in (data.parent, *reads)):
        return Runner(uid=user.pw_uid, gid=user.pw_gid)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ServerError(
            f"PostgreSQL cannot run as root, and the user {user.pw_name} cannot reach {data}: "
            "put the checkout where every user can read it (for example /srv), or install util-linux (setpriv)."
        )
    reading = "+dac_read_search"  # may pass through and read root's directories, may write nowhere else
    words = (setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
             f"--inh-caps={reading}", f"--ambient-caps={reading}", "--pdeathsig=INT", "--")  # fmt: skip
    return Runner(prefix=words, uid=user.pw_uid, gid=user.pw_gid)


def _has_cluster(data: Path) -> bool:
    return (data / "PG_VERSION").exists()


def _unprivileged_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerError("PostgreSQL cannot run as root: this machine has neither a user postgres nor nobody; add one.")


def _open_to_all(path: Path) -> bool:
    """May any user pass through every directory down to it?"""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.resolve().parents))
