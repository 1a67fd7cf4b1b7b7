"""Records about the path of alarms: probes that travel it, and signs of the processes along it.

A gateway sends a probe to the broker. It comes back to a gateway with the devices' events, goes through the bus to a
worker, and becomes a row of the database. It is no alarm and belongs to no device.
"""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from contracts.envelope import Event


class PathProbe(Event):
    """A gateway sent this to the broker, to see whether it becomes a row of the database."""

    TYPE: ClassVar[str] = "alarm_path.probe_sent.v1"
    SOURCE: ClassVar[str] = "/gateway"

    probe_id: str
    gateway_id: str
    sent_at: datetime = Field(description="the gateway's clock")


class GatewaySign(Event):
    """A gateway is running. Its report on the broker tells a broker that is away from a gateway that is away."""

    TYPE: ClassVar[str] = "alarm_path.gateway_at_work.v1"
    SOURCE: ClassVar[str] = "/gateway"

    gateway_id: str
    at: datetime = Field(description="the gateway's clock")
    probe_id: str = Field(description="of the probe it sends with this sign")
    probe_heard_seconds_ago: float = Field(description="since the broker last gave it a probe, of any gateway")
    without_broker_seconds: float = Field(default=0.0, description="since it lost its connection; 0: it has one")
    leaves: bool = Field(default=False, description="it ends in order; the broker deals it nothing more")
    partitions: tuple[int, ...] = Field(
        default=(),
        description="of the topic of events; its probe passes through each, for each may be read by another process",
    )


class BusProbed(Event):
    """An app process sent this, to see whether the bus delivers it."""

    TYPE: ClassVar[str] = "alarm_path.bus_probed.v1"
    SOURCE: ClassVar[str] = "/app"

    app_id: str
