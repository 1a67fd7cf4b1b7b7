"""Alarms in the frames of vendors' own protocols, which are no JSON: of watches, trackers, panels and telecare units.
They come as a whole message or as a text inside JSON."""

import re
from collections.abc import Iterator

from contracts.alarm_kind import AlarmKind

_WATCH = re.compile(rb"\[(?:3G|SG|CS)\*[^\[\]]{1,40}\*(AL|UD|WT)\w{0,5}\b([^\[\]]{0,1000})")
"""`[3G*8800000015*00CD*AL,180916,064153,A,22.57,N,113.86,E,0.00,154.8,0.0,11,100,100,0,0,00010000,…]`"""
_WATCH_STATE = re.compile(rb",([0-9A-Fa-f]{8})(?=[,\]]|\Z)")
_WATCH_BITS = {
    16: AlarmKind.SOS,
    17: AlarmKind.LOW_BATTERY,
    18: AlarmKind.GEOFENCE_EXIT,
    20: AlarmKind.TAMPER,
    21: AlarmKind.FALL,
    22: AlarmKind.FALL,
}
"""The upper half of its state are alarms; the lower half says how things are."""

_PANEL = re.compile(rb'"\*?(?:SIA-DCS|ADM-CID)"[^\[\]]{0,64}\[[^\[\]|]{0,32}\|([^\[\]]{0,256})')
"""SIA DC-09: `"ADM-CID"0001L0#1234[#1234|1101 00 001]`, `"SIA-DCS"0001L0#1234[#1234|Nri1/PA001]`"""
_CONTACT_ID = re.compile(rb"\s*1(\d{3})\b")
"""1: it begins; 3 would be: it is over."""
_CONTACT_ID_KINDS = (
    (range(100, 110), AlarmKind.SOS),  # medical
    (range(110, 120), AlarmKind.SMOKE),
    (range(120, 130), AlarmKind.SOS),  # panic, hold-up
    (range(151, 152), AlarmKind.GAS),
    (range(154, 155), AlarmKind.WATER_LEAK),
    (range(162, 163), AlarmKind.GAS),
)
_SIA = re.compile(rb"([A-Z]{2})\d*\b")
_SIA_KINDS = {
    **dict.fromkeys((b"MA", b"PA", b"HA", b"QA"), AlarmKind.SOS),
    **dict.fromkeys((b"FA", b"KA"), AlarmKind.SMOKE),
    b"GA": AlarmKind.GAS,
    b"WA": AlarmKind.WATER_LEAK,
}
_TELECARE = re.compile(rb"<stc>\s*0*[1-9A-Z]")
"""SCAIP, in an `<mrq>`: a request that has a status code is no mere sign of life."""
_CONCOX = re.compile(rb"xx(.)([\x16\x26\x27])", re.DOTALL)
"""GT06 and its many copies: 0x78 0x78, length, an alarm packet, its fields, serial number, CRC, CR LF."""
_CONCOX_KINDS = {0x01: AlarmKind.SOS, 0x05: AlarmKind.GEOFENCE_EXIT, 0x23: AlarmKind.FALL}
_JT808 = re.compile(rb"~(\x02\x00[^~]{14,1100})~")
"""JT/T 808, message 0x0200 (a position): header, then 32 bits of alarms, the lowest of them SOS."""
_BEGINS = (b"xx", b"~\x02\x00", b"*AL", b"*UD", b"*WT", b"-DCS", b"-CID", b"<mrq>")


def may_be_one(sent: bytes) -> bool:
    """Whether `kinds_in` may find something: in these frames digits say what it is."""
    return any(begin in sent for begin in _BEGINS)


def kinds_in(sent: bytes) -> Iterator[AlarmKind]:
    """UNKNOWN: an alarm, but not which."""
    if not may_be_one(sent):
        return
    for kind, fields in _WATCH.findall(sent):
        yield from _of_watch(kind, fields)
    for told in _PANEL.findall(sent):
        yield from _of_panel(told)
    for packet in _CONCOX.finditer(sent):
        yield from _of_concox(sent, packet.start(), packet[1][0])
    for message in _JT808.findall(sent):
        if _is_jt808_sos(message.replace(b"}\x02", b"~").replace(b"}\x01", b"}")):
            yield AlarmKind.SOS
    if b"<mrq>" in sent and _TELECARE.search(sent):
        yield AlarmKind.UNKNOWN


def _of_watch(kind: bytes, fields: bytes) -> Iterator[AlarmKind]:
    state = _WATCH_STATE.search(fields)
    bits = int(state[1], 16) if state else 0
    told = [alarm for bit, alarm in _WATCH_BITS.items() if bits >> bit & 1]
    if told or kind != b"AL":
        yield from told
    else:
        yield AlarmKind.UNKNOWN if state else AlarmKind.SOS


def _of_panel(told: bytes) -> Iterator[AlarmKind]:
    if (event := _CONTACT_ID.match(told)) is not None:
        code = int(event[1])
        yield from (kind for codes, kind in _CONTACT_ID_KINDS if code in codes)
    else:
        yield from (_SIA_KINDS[code] for code in _SIA.findall(told) if code in _SIA_KINDS)


def _of_concox(sent: bytes, start: int, length: int) -> Iterator[AlarmKind]:
    end = start + 3 + length + 2
    if length >= 10 and sent[end - 2 : end] == b"\r\n" and sent[end - 8] in _CONCOX_KINDS:
        yield _CONCOX_KINDS[sent[end - 8]]


def _is_jt808_sos(message: bytes) -> bool:
    of_2019, in_parts = message[2] & 0x40, message[2] & 0x20
    header = (17 if of_2019 else 12) + (4 if in_parts else 0)
    return len(message) >= header + 4 and bool(message[header + 3] & 1)
