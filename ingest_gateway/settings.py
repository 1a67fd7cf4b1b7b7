"""Settings of the gateway process, from `YIAN_*`."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class GatewaySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="YIAN_", frozen=True, extra="ignore")

    mqtt: str = Field(description="mqtt://host:port or mqtts://host:port")
    mqtt_username: str | None = None
    mqtt_password: SecretStr | None = None
    mqtt_former_password: SecretStr | None = Field(
        default=None,
        description="the one before, once it has changed: what sessions still subscribe to under it is ended",
    )
    bus: str = Field(description="postgresql://… or kafka://host:port[,host:port]")
    metrics_port: int | None = Field(default=None, description="0: any free one; none: no metrics")
    metrics_host: str = Field(default="127.0.0.1", description="0.0.0.0 where another container asks")
    log_level: str = "info"
    gateway_id: str = Field(
        default="1",
        pattern=r"^[A-Za-z0-9_-]{1,32}$",
        description="each gateway its own, the same after a restart: the broker keeps its messages by it",
    )
    gateway_lanes: Literal["all", "event", "bulk"] = Field(
        default="all",
        description="alarms (event), telemetry and status (bulk), or both in one process;"
        " bulk by itself needs a broker with shared subscriptions",
    )
    gateway_retires: bool = Field(
        default=False,
        description="this gateway is removed for good: it takes what the broker still holds for it, ends its sessions,"
        " and ends",
    )
    gateway_in_flight: int = Field(default=1_000, ge=1, le=10_000, description="alarm messages held unacknowledged")
    gateway_bulk_in_flight: int = Field(
        default=2_500, ge=1, description="others held unacknowledged; the broker's max_inflight_messages is below it"
    )
    gateway_held_mib: int = Field(default=24, ge=1, description="MiB held unacknowledged, a lane")
    gateway_linger_ms: float = Field(default=50, ge=0, le=1_000, description="how long telemetry collects")
