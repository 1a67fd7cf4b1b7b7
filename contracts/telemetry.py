"""Telemetry on the bus: one record is a batch of raw messages.

So bus and writer pay per batch, not per message.
"""

import msgspec

TYPE = "device.telemetry_received.v1"
CONTENT_TYPE = "application/msgpack"


class TelemetryMessage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One MQTT message of `up/telemetry` as it came; the SenML in `payload` has not been read yet."""

    device_id: str
    received_us: int
    """The gateway's clock, microseconds since 1970 UTC."""
    payload: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[TelemetryMessage])


def encode_batch(messages: list[TelemetryMessage]) -> bytes:
    return _encoder.encode(messages)


def decode_batch(value: bytes) -> list[TelemetryMessage]:
    """:raises msgspec.DecodeError: when the value is not a batch."""
    return _decoder.decode(value)
