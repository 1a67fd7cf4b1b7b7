"""The topics of the bus.

Order holds among records of one key; no rule may depend on the order between keys.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    partitions: int
    retention_hours: int
    bulk: bool = False
    """Topics of large records that may wait a few milliseconds, kept apart from urgent ones."""


DEVICE_EVENT = Topic("yian.device.event", partitions=4, retention_hours=24 * 7)
"""Key: device_id. Everything that may be an alarm, garbled ones too. Sent without linger. Probes of the path too."""

DEVICE_TELEMETRY = Topic("yian.device.telemetry", partitions=4, retention_hours=72, bulk=True)
"""No key. One record is a batch of raw telemetry messages (`contracts.telemetry.TelemetryBatch`)."""

DEVICE_STATUS = Topic("yian.device.status", partitions=4, retention_hours=72)
"""Key: device_id. Online, offline, last will."""

DEVICE_DOWNLINK = Topic("yian.device.downlink", partitions=4, retention_hours=24)
"""Key: device_id. Receipts and commands that a gateway must publish to the device."""

ALARM_CASE = Topic("yian.alarm.case", partitions=4, retention_hours=24 * 7)
"""Key: case_id. Every move of a case, carrying the whole case view."""

DEAD_LETTER = Topic("yian.dead_letter", partitions=1, retention_hours=24 * 30)
"""Key: device_id. What could not be read, byte for byte, with the reason."""

ALARM_PATH = Topic("yian.alarm.path", partitions=1, retention_hours=1)
"""Key: gateway_id, or none. Signs by which every app knows whether alarms get through."""

ORDER = Topic("yian.order", partitions=4, retention_hours=24 * 7)
"""Key: planning area. Every move of an order or visit, carrying the whole order."""

ASSIGNMENT = Topic("yian.assignment", partitions=4, retention_hours=24 * 7)
"""Key: planning area. What dispatch proposes, and what of it was refused."""

STAFF = Topic("yian.staff", partitions=4, retention_hours=24 * 7)
"""Key: planning area. Hours, leave, skills or state of a worker are different."""

SERIES = Topic("yian.series", partitions=4, retention_hours=24 * 7)
"""Key: planning area. What recurring orders have to say before a visit, or in place of one."""

WELFARE = Topic("yian.welfare", partitions=4, retention_hours=24 * 7)
"""Key: planning area. Who is owed a welfare visit, and what has come of it."""

ELDER = Topic("yian.elder", partitions=4, retention_hours=24 * 7)
"""Key: planning area. In hospital, away, home again, moved, died."""

RESPONSE = Topic("yian.response", partitions=4, retention_hours=24 * 7)
"""Key: case_id. Steps of escalation plans that were taken: who was told of a case, or what was suggested."""

ALL = (
    DEVICE_EVENT,
    DEVICE_TELEMETRY,
    DEVICE_STATUS,
    DEVICE_DOWNLINK,
    ALARM_CASE,
    DEAD_LETTER,
    ALARM_PATH,
    ORDER,
    ASSIGNMENT,
    STAFF,
    SERIES,
    ELDER,
    WELFARE,
    RESPONSE,
)
