"""Settings of the processes of `services`, from `YIAN_*`; one frozen object per process, built in its main."""

import base64
import binascii
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SECRET_KEY_BYTES = 32


def _is_a_key(secret: SecretStr) -> SecretStr:
    try:
        raw = base64.b64decode(secret.get_secret_value(), validate=True)
    except binascii.Error:
        raise ValueError("is not base64; make one with: openssl rand -base64 32") from None
    if len(raw) < SECRET_KEY_BYTES:
        raise ValueError(f"holds {len(raw)} bytes, {SECRET_KEY_BYTES} are needed: openssl rand -base64 32")
    return secret


SecretKey = Annotated[SecretStr, AfterValidator(_is_a_key)]


def key_bytes(secret: SecretStr) -> bytes:
    return base64.b64decode(secret.get_secret_value(), validate=True)


def _addresses(value: object) -> object:
    """`10.0.0.5, 10.1.0.0/16` → each of them. :raises ValueError: for what is neither an address nor a network"""
    if not isinstance(value, str):
        return value
    return tuple(_address(one.strip()) for one in value.split(",") if one.strip())


def _address(text: str) -> str:
    try:
        return str(ip_network(text) if "/" in text else ip_address(text))
    except ValueError as error:
        raise ValueError(f"{error}; give a proxy's address, or a network such as 10.1.0.0/16") from None


class ServiceSettings(BaseSettings):
    """What every process of `services` needs. `.env` files are not read: what is set is what is there."""

    model_config = SettingsConfigDict(env_prefix="YIAN_", frozen=True, extra="ignore")

    database: str = Field(description="PostgreSQL DSN; several hosts allowed, with target_session_attrs=read-write")
    bus: str = Field(description="postgresql://… or kafka://host:port[,host:port]")
    log_level: str = "INFO"
    metrics_port: int = Field(default=0, ge=0, le=65535, description="0: any free one")
    metrics_host: str = Field(default="127.0.0.1", description="0.0.0.0 where another container asks")


class AppSettings(ServiceSettings):
    secret_key: SecretKey = Field(description="base64 of 32 or more random bytes: identity numbers, signatures")
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    web_dist: Path = Field(default=Path("web/dist"), description="the built pages; absent: only the API is served")
    cookie_secure: bool = Field(default=False, description="true behind HTTPS: the session cookie is sent only there")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_addresses)] = Field(
        default=(),
        description="addresses or networks, by comma: only from these are X-Forwarded-For and -Proto believed",
    )
    database_connections: int = Field(default=10, ge=2)
    console_metrics_port: int = Field(
        default=0, ge=0, le=65535, description="as metrics_port, of the process that serves the consoles"
    )
    call_centre_phone: str | None = Field(
        default=None, pattern=r"^\+?[0-9][0-9 -]{2,20}$", description="whom families and workers ring; none: nobody"
    )


class WriterSettings(ServiceSettings):
    writer_group: str = "telemetry-writer"


class WorkerSettings(ServiceSettings):
    database_connections: int = Field(default=6, ge=3, description="timers, notices; the relay has its own")


class DispatcherSettings(ServiceSettings):
    secret_key: SecretKey = Field(description="the app's: from it the token is made that opens this process to the app")
    dispatcher_host: str = Field(default="127.0.0.1", description="where the app asks; 0.0.0.0 from another machine")
    dispatcher_port: int = Field(default=0, ge=0, le=65535, description="0: any free one")
    dispatcher_url: str = Field(default="", description="how the app reaches it; empty: host (or its name) and port")
    database_connections: int = Field(default=3, ge=2)
