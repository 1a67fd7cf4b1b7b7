"""The MQTT broker: who may connect, and what each may publish and receive. Tried out, not read from a file."""

import secrets

from yian.doctor.finding import Finding, Findings, note, well, wrong
from yian.doctor.intruder import THROW_AWAY, Credential, Scene, attacks
from yian.doctor.mqtt_probe import NoAnswer, Probe
from yian.servers import mosquitto
from yian.surroundings import Surroundings

_CREDENTIALS_MEND = (
    "yian devices provision doctor-1 doctor-2, and name a file {device id: secret} with both in YIAN_DEVICES_FILE"
)


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
        found.add_all(_release(gateway))
        outside = around.get("YIAN_DEVICES_MQTT") or address
        found.add_all(_strangers(outside, user))
        found.add_all(_devices(around, address, outside))
    return found


def _name(who: str) -> str:
    return f"{who}-doctor-{secrets.token_hex(4)}"


def _release(gateway: Probe) -> list[Finding]:
    """Says nothing where the broker does not say which release it is, or is no Mosquitto."""
    gateway.subscribe("$SYS/broker/version")
    version = mosquitto.version_in((gateway.next_word(within_s=1.0) or b"").decode(errors="replace"))
    if version is None or mosquitto.is_sound(version):
        return []
    said = ".".join(str(part) for part in version)
    return [
        note(
            f"this is Mosquitto {said}: when credentials change while devices are absent it may crash, which ends every"
            " connection for a second or two (what was not accepted is repeated)",
            "for a real city: Mosquitto 2.1 or newer, see docs/decisions/0015",
        )
    ]


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


def _devices(around: Surroundings, inside: str, outside: str) -> list[Finding]:
    known = [Credential(*pair) for pair in _credentials(around).items()]
    if len(known) < 2:
        return [note("no two device credentials are known here: what a device may was not tried", _CREDENTIALS_MEND)]
    throw_away = [one for one in known if one.device_id.startswith(THROW_AWAY)]
    # The last, for a fleet uses the first, and a device has one connection.
    one, other = (throw_away if len(throw_away) > 1 else known)[-2:]
    user, password = around.get("YIAN_MQTT_USERNAME"), around.get("YIAN_MQTT_PASSWORD")
    try:
        return list(attacks(Scene(inside, user, password, outside, one, other)))
    except NoAnswer as refused:
        return [
            wrong(
                f"a provisioned device is not let in ({one.device_id} or {other.device_id}): {refused}",
                "yian devices export --to ITS_CONFIG_FOLDER, then SIGHUP the broker; "
                "is YIAN_DEVICES_MQTT where devices come in?",
            )
        ]


def _credentials(around: Surroundings) -> dict[str, str]:
    return around.data.credentials(around.get("YIAN_DEVICES_FILE"))
