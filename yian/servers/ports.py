"""Loopback TCP ports: a free one, who holds one, does one answer."""

import socket

import psutil


def free_port() -> int:
    """A loopback TCP port nobody listens on now. Somebody may take it before it is used; start() says so then."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
