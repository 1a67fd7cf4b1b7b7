"""A reading, resolved: whose, what, when, how much."""

import msgspec


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One value of one device at one moment. Built once per row of the city's load, hence no dataclass."""

    device_id: str
    name: str
    unit: str | None
    measured_us: int
    """Microseconds since 1970 UTC, as the device told it."""
    received_us: int
    """The gateway's clock, microseconds since 1970 UTC."""
    value: float | None
    """Numbers, and booleans as 1 and 0."""
    text: str | None
    """`vs` and `vd`, as sent."""
    time_suspect: bool
    """The device's clock cannot be right: order by `received_us`."""


class BadRecord(msgspec.Struct, frozen=True):
    code: str
    """telemetry.not_json, telemetry.too_large, telemetry.too_many, telemetry.bad_record."""
    detail: str
    payload: bytes
    """The one record, or the whole message where no record could be told apart."""


class Pack(msgspec.Struct, frozen=True):
    readings: list[Reading]
    bad: list[BadRecord]
    mended: dict[str, str] = {}
    """Names of readings that were not as RFC 8428 has them → what was read tolerantly: shape, label, number, time,
    name (`hr`), json (faulty, or several documents), cbor, packed (gzip, Base64, hex)."""
