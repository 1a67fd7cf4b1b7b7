"""The priority of a connection's server process, if PostgreSQL runs on this machine: who carries alarms goes first
inside PostgreSQL too, who may wait waits there. Each connection has a process of its own there, and its own share."""

import os
import socket
import struct
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection

from backbone.priority import carries_alarms, make_first, make_nice


async def as_its_client(connection: AsyncConnection[Any], *, nice: int = 0) -> None:
    """It goes first if this process does; else it is as nice as this process, or as `nice` if that is more. Over a Unix
    socket, where we may: PostgreSQL runs as the same user, or we as root. Elsewhere it does nothing."""
    first, nice = carries_alarms(), max(nice, os.getpriority(os.PRIO_PROCESS, 0))
    if not first and nice <= 0:
        return
    pid, listener = connection.info.backend_pid, _listener(connection.fileno())
    if listener is None or _parent(pid) != listener:
        return
    if first:
        make_first(pid)
    else:
        make_nice(pid, nice)


def _listener(connected: int) -> int | None:
    """The process behind the other end of a Unix socket: for PostgreSQL, the parent of those that serve."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    with socket.socket(fileno=connected) as end:
        try:
            if end.family != socket.AF_UNIX:
                return None
            credentials = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        finally:
            end.detach()
    pid: int = struct.unpack("3i", credentials)[0]
    return pid or None


def _parent(pid: int) -> int | None:
    """None where there is no such process here: PostgreSQL counts its own in a container or on a machine of its own."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid:")), None)
