"""Tables of messages with what they must lead to: the wire's own, and this project's in the same form."""

import base64
import gzip
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

WIRE_CASES = Path(__file__).parents[2] / "shared" / "wire-cases.json"
OWN_CASES = sorted((Path(__file__).parent / "data").glob("*-cases.json"))
VENDOR_FORMS = Path(__file__).parent / "data" / "vendor-forms.json"

Case = dict[str, Any]


def wire_cases() -> list[Case]:
    """Those beside the wire's page; in CI it must be there."""
    if not WIRE_CASES.exists():
        if os.environ.get("CI") == "true":
            raise FileNotFoundError(WIRE_CASES)
        return []
    return _read(WIRE_CASES)


def own_cases() -> list[Case]:
    return [case for path in OWN_CASES for case in _read(path)]


def vendor_forms(which: str) -> list[bytes]:
    """Payloads of readings that ring ("rings") or do not ("quiet")."""
    forms: dict[str, list[dict[str, Any]]] = json.loads(VENDOR_FORMS.read_text())
    said = [form["said"] for form in forms[which]]
    return [(form if isinstance(form, str) else json.dumps(form, ensure_ascii=False)).encode() for form in said]


def _read(path: Path) -> list[Case]:
    cases: list[Case] = json.loads(path.read_text())
    return cases


def payloads(case: Case, device_id: str, now: datetime) -> list[bytes]:
    """In the order in which they are sent."""
    texts = case["payload"] if isinstance(case["payload"], list) else [case["payload"]]
    filled = [_filled(text, device_id, now) for text in texts]
    return [encoded(text, case.get("encoding", "utf-8")) for text in filled] * case.get("repeat", 1)


def properties(case: Case, device_id: str, now: datetime) -> list[tuple[str, str]]:
    """User properties of MQTT 5 that each of its payloads is sent with."""
    return [(name, _filled(value, device_id, now)) for name, value in case.get("properties", [])]


def _filled(text: str, device_id: str, now: datetime) -> str:
    blanks = {"{device_id}": device_id, "{now}": now.isoformat(), "{now_ms}": str(int(now.timestamp() * 1000))}
    for blank, told in blanks.items():
        text = text.replace(blank, told)
    return text


def encoded(text: str, how: str) -> bytes:
    """:param how: `hex`: the text is hexadecimal; otherwise an encoding of text, or how it is packed, step by step."""
    if how == "hex":
        return bytes.fromhex(text)
    packings = {"gzip": gzip.compress, "base64": base64.b64encode, "hex-text": lambda sent: sent.hex().encode()}
    steps = how.replace("hex text", "hex-text").split()
    sent = text.encode("utf-8" if steps[0] in packings else steps.pop(0))
    for step in steps:
        sent = packings[step](sent)
    return sent
