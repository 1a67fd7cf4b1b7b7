"""What is said about the path that alarms take: probes that walk it, and signs of those who stand on it.

A probe is sent by a gateway to the broker, comes back to a gateway with the devices' events, goes through the bus to a
worker, and ends as a row of the database. It is no alarm and of no device.
"""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from contracts.envelope import Event


class PathProbe(Event):
    """A gateway sent this to the broker, to see whether it becomes a row."""

    TYPE: ClassVar[str] = "alarm_path.probe_sent.v1"
    SOURCE: ClassVar[str] = "/gateway"

    probe_id: str
    gateway_id: str
    sent_at: datetime = Field(description="the gateway's clock")


class GatewaySign(Event):
    """A gateway is at work. What it says of the broker tells one that is away from a gateway that is."""

    TYPE: ClassVar[str] = "alarm_path.gateway_at_work.v1"
    SOURCE: ClassVar[str] = "/gateway"

    gateway_id: str
    at: datetime = Field(description="the gateway's clock")
    probe_id: str = Field(description="of the probe it sends with this sign")
    probe_heard_seconds_ago: float = Field(description="since the broker last gave it a probe, of any gateway")


class BusProbed(Event):
    """An app process sent this, to see whether the bus takes and gives."""

    TYPE: ClassVar[str] = "alarm_path.bus_probed.v1"
    SOURCE: ClassVar[str] = "/app"

    app_id: str
