"""The usual pack, straight into rows: known vitals as numbers in units they are known in, the clock right.

Nearly every message of the city is one. Whatever has anything else in it is read by `senml.read_pack`; both find the
same (tests/unit/test_senml_usual.py). Pure.
"""

import msgspec

from contracts.device_packing import MAX_BYTES
from services.telemetry import rules
from services.telemetry.model import Moment
from services.telemetry.moments import EXACT
from services.telemetry.senml import MAX_RECORDS
from services.telemetry.senml_record import RELATIVE_BELOW
from services.telemetry.units import USUAL

_LIMITS = {
    of: (max(low, -EXACT), min(high, EXACT))
    for of, (low, high) in USUAL.items()
    if of[0] not in ("worn", "motion", "door")  # of which a room may be told in other words
}
_NONE = (EXACT, -EXACT)


class _Record(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Without a text, a truth or a base value."""

    n: str
    v: float
    u: str | None = None
    t: float = 0.0
    bt: float = 0.0
    bn: str = ""


_decode = msgspec.json.Decoder(list[_Record]).decode


def usual_moments(payload: bytes, device_id: str, received_us: int) -> list[Moment] | None:
    """None: it is no usual pack."""
    if len(payload) > MAX_BYTES:
        return None
    try:
        records = _decode(payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    if not 0 < len(records) <= MAX_RECORDS:
        return None
    first = records[0]
    if first.bn and (first.bn[:-1] != device_id or first.bn[-1] not in "/:"):
        return None
    after = None
    moments: list[Moment] = []
    values: dict[str, float] = {}
    for record in records:
        if record.t != after:
            after = record.t
            time_us = _time_us(first.bt + after, received_us)
            if time_us is None:
                return None
            values = {}
            moments.append(Moment(device_id, time_us, received_us, values))
        name, value = record.n, record.v
        low, high = _LIMITS.get((name, record.u), _NONE)
        if not low <= value <= high or name in values:
            return None
        if record is not first and (record.bt or record.bn):
            return None
        values[name] = value
    return moments


def _time_us(seconds: float, received_us: int) -> int | None:
    """None: it counts from now, or cannot be right."""
    if not RELATIVE_BELOW <= seconds < rules.LATEST_US / rules.MICRO:
        return None
    time_us = round(seconds * 1e6)
    return None if rules.is_suspect(time_us, received_us) else time_us
