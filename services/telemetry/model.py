"""A reading, resolved: whose, what, when, how much; and a moment, which is all that a device measured at one time."""

from typing import Literal

import msgspec

Mark = Literal["unit", "implausible"]
"""Why a reading is neither drawn nor averaged nor judged: its unit cannot be converted, or no body has such a value."""


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One value of one device at one moment."""

    device_id: str
    name: str
    unit: str | None
    """Of `value`."""
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
    sent_value: float | None = None
    sent_unit: str | None = None
    """As sent, where `value` and `unit` are not: they were converted, or are None because of `mark`."""
    mark: Mark | None = None


Beside = dict[str, float | str]
"""What has no column of its own: `value` (of a name nobody foresaw, or finer than a column holds), `unit` where it is
not the usual one, `sent_value`, `sent_unit`, `mark`. Empty: the reading was an empty text."""


class Moment(msgspec.Struct, gc=False):
    """A row of the table: what one device measured at one time that can be right. Built once for each message of the
    city's load, hence no dataclass."""

    device_id: str
    time_us: int
    """Microseconds since 1970 UTC, the device's clock."""
    received_us: int
    """The gateway's clock, of the first of its readings."""
    values: dict[str, float]
    """By vital, in the vital's own unit."""
    extra: dict[str, Beside] | None = None
    """By name. A name in `values` or here has its one number; the first stays."""
    texts: dict[str, dict[str, str | None]] | None = None
    """By name: each text and its unit."""


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
