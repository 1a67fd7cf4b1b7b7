"""Loopback TCP ports: a free one, who holds one, does one answer."""

import random
import socket

import psutil

OWN = range(20_000, 32_000)
"""Below the ports that Linux gives to outgoing connections (32768 and up): those are taken again in a moment."""


def free_port() -> int:
    """A loopback TCP port nobody listens on now. Somebody may take it before it is used; start() says so then."""
    for port in random.SystemRandom().sample(OWN, 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"200 ports between {OWN.start} and {OWN.stop} were tried, and none is free")


def holder_of(port: int) -> str | None:
    """Who listens on the port, as "name (pid 12)"; None when nobody does."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            pass
        else:
            return None
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
                pid = connection.pid
                return f"{psutil.Process(pid).name()} (pid {pid})" if pid else "another user's process"
    except psutil.Error:
        pass
    return "another process"


def answers_tcp(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
