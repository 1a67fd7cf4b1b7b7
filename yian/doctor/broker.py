"""The MQTT broker: who is let in, and what each may say and hear. Tried, not read from a file."""

import secrets

from yian.doctor.finding import Finding, Findings, note, well, wrong
from yian.doctor.mqtt_probe import NoAnswer, Probe
from yian.surroundings import Surroundings

_ACL_MEND = "use the files of deploy/mosquitto/"
_SILENCE_S = 1.0


def examine(around: Surroundings) -> Findings:
    found = Findings("MQTT broker")
    address = around.get("YIAN_MQTT")
    if address is None:
        found.add(wrong("YIAN_MQTT is not set", "set it to mqtt://host:1883, or start a city here: make up"))
        return found
    user, password = around.get("YIAN_MQTT_USERNAME"), around.get("YIAN_MQTT_PASSWORD")
    mend = "is it running? Are YIAN_MQTT, YIAN_MQTT_USERNAME and YIAN_MQTT_PASSWORD right, and in its password file?"
    with (
        found.must("the gateway is not let in", mend, NoAnswer),
        Probe(address, user, password, client_id=_name("gateway")) as gateway,
    ):
        found.add(well(f"the gateway's user {user} is let in ({address})"))
        outside = around.get("YIAN_DEVICES_MQTT") or address
        found.add_all(_strangers(outside, user))
        found.add_all(_devices(around, outside, gateway))
    return found


def _name(who: str) -> str:
    return f"{who}-doctor-{secrets.token_hex(4)}"


def _strangers(address: str, user: str | None) -> list[Finding]:
    tried = {"somebody without a name": None, f"{user} with a wrong password": user}
    let_in = [who for who, name in tried.items() if _enters(address, name)]
    if let_in:
        return [wrong(f"the broker lets in {' and '.join(let_in)}", "allow_anonymous false and a password_file")]
    return [well("nobody else is let in")]


def _enters(address: str, user: str | None) -> bool:
    try:
        with Probe(address, user, secrets.token_hex(8) if user else None, client_id=_name("stranger")):
            return True
    except NoAnswer:
        return False


def _devices(around: Surroundings, address: str, gateway: Probe) -> list[Finding]:
    """With two credentials the simulator has: its last, for a fleet uses the first, and a device has one connection.
    On `down/` only, so that no process takes our trial for a message."""
    known = list(around.data.credentials().items())[-2:]
    if len(known) < 2:
        return [note("no two device credentials are known here: what devices may say and hear was not tried")]
    (first, first_secret), (second, second_secret) = known
    try:
        with (
            Probe(address, first, first_secret, client_id=f"{first}-doctor") as one,
            Probe(address, second, second_secret, client_id=f"{second}-doctor") as other,
        ):
            return _try(first, one, other, gateway)
    except NoAnswer as refused:
        return [
            wrong(
                f"a provisioned device is not let in ({first} or {second}): {refused}",
                "yian devices export --to ITS_CONFIG_FOLDER, then SIGHUP the broker",
            )
        ]


def _try(first: str, one: Probe, other: Probe, gateway: Probe) -> list[Finding]:
    branch, word, lie = f"yian/v1/{first}/down", secrets.token_bytes(8), secrets.token_bytes(8)
    one.subscribe(f"{branch}/#")
    other.subscribe(f"{branch}/#")
    other.subscribe("yian/v1/+/down/#")
    gateway.publish(f"{branch}/doctor", word)
    other.publish(f"{branch}/doctor", lie)
    found = []
    if one.hears(word, within_s=5.0):
        found.append(well("a device hears what the gateway tells it"))
    else:
        found.append(wrong("a device does not hear what the gateway tells it: no receipt arrives", _ACL_MEND))
    if one.hears(lie, within_s=_SILENCE_S):
        found.append(wrong("a device can speak to another device in the platform's name", _ACL_MEND))
    else:
        found.append(well("no device can speak in another's name"))
    if other.hears(word, within_s=_SILENCE_S):
        found.append(wrong("a device can hear what is for another", _ACL_MEND))
    else:
        found.append(well("no device hears what is for another"))
    return found
