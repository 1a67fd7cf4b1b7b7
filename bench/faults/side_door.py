"""Kafka with a second listener that is advertised at another port: a proxy can stand before one client alone."""

from yian.servers import KafkaServer
from yian.servers.ports import free_port


class KafkaWithSideDoor(KafkaServer):
    def __init__(self) -> None:
        super().__init__()
        self.side_port = free_port()
        """Where Kafka listens."""
        self.side_advertised_port = free_port()
        """Where clients of this listener are sent: the proxy's."""

    @property
    def side_address(self) -> str:
        return f"kafka://127.0.0.1:{self.side_advertised_port}"

    def _settings(self) -> str:
        lines = []
        for line in super()._settings().splitlines():
            if line.startswith("listeners="):
                lines.append(f"{line},SIDE://127.0.0.1:{self.side_port}")
            elif line.startswith("advertised.listeners="):
                lines.append(f"{line},SIDE://127.0.0.1:{self.side_advertised_port}")
            elif line.startswith("listener.security.protocol.map="):
                lines.append(f"{line},SIDE:PLAINTEXT")
            else:
                lines.append(line)
        return "\n".join(lines) + "\n"
