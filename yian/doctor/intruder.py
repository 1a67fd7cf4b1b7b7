"""What one device's credential opens, tried on the configured broker with two credentials of no real device.

Everything happens below the `down/` topics of the two, so no process takes it for a message, and under client ids that
no gateway has, so none is disconnected.
"""

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass

from ingest_gateway.mqtt.share import shared
from yian.doctor.finding import Finding, note, well, wrong
from yian.doctor.mqtt_probe import NoAnswer, Probe

MEND = "use the files of deploy/mosquitto/"
IDS_MEND = (
    "give devices a listener of their own with use_username_as_clientid true (deploy/mosquitto/conf.d/); "
    "on EMQX make the client id the user name"
)
DOOR_MEND = "Mosquitto's plugin deploy/mosquitto/door (a C compiler builds it); on EMQX mqtt.max_subscriptions"
THROW_AWAY = "doctor-"
"""Devices whose name begins like this belong to nobody: with them the doctor also tries attacks that would harm a
device."""
_SILENCE_S = 1.0
_DEALT = 12
_MANY = 100


@dataclass(frozen=True, slots=True)
class Credential:
    device_id: str
    secret: str

    @property
    def branch(self) -> str:
        return f"yian/v1/{self.device_id}/down"


@dataclass(frozen=True, slots=True)
class Scene:
    """`inside`, where gateways come in; `outside`, where devices do. What `other` gets at of `one`'s is the finding."""

    inside: str
    gateway_user: str | None
    gateway_password: str | None
    outside: str
    one: Credential
    other: Credential

    def enter(
        self,
        who: Credential,
        *,
        as_client: str = "",
        will: tuple[str, bytes] | None = None,
        keeps_session: bool = False,
    ) -> Probe:
        name = as_client or who.device_id
        return Probe(self.outside, who.device_id, who.secret, client_id=name, will=will, keeps_session=keeps_session)

    def gateway(self, client_id: str = "") -> Probe:
        return Probe(self.inside, self.gateway_user, self.gateway_password, client_id=client_id or _name())


def _name() -> str:
    return f"yian.doctor.{secrets.token_hex(4)}"


def attacks(scene: Scene) -> Iterator[Finding]:
    """:raises NoAnswer: when one of the two is not let in"""
    with scene.gateway() as gateway:
        yield from _words(scene, gateway)
        yield _will(scene)
        yield _kept(scene, gateway)
        yield _group(scene, gateway)
    yield _subscriptions(scene)
    yield _client_id_of_a_device(scene)
    yield _client_id_of_a_gateway(scene)
    if scene.one.device_id.startswith(THROW_AWAY):
        yield _forgotten(scene)


def _finding(harm: bool, harmful: str, harmless: str, mend: str = MEND) -> Finding:
    return wrong(harmful, mend) if harm else well(harmless)


def _words(scene: Scene, gateway: Probe) -> Iterator[Finding]:
    word, lie = secrets.token_bytes(8), secrets.token_bytes(8)
    with scene.enter(scene.one) as one, scene.enter(scene.other) as other:
        one.subscribe(f"{scene.one.branch}/#")
        for topic in (f"{scene.one.branch}/#", "yian/v1/+/down/#", "#", "$SYS/#"):
            other.subscribe(topic)
        gateway.publish(f"{scene.one.branch}/doctor", word)
        other.publish(f"{scene.one.branch}/doctor", lie)
        heard = one.hears(word, within_s=5.0)
        yield _finding(
            not heard,
            "a device does not hear what the gateway tells it: no receipt arrives",
            "a device hears what the gateway tells it",
        )
        yield _finding(
            one.hears(lie, within_s=_SILENCE_S),
            "a device can speak to another device in the platform's name",
            "no device can speak in another's name",
        )
        yield _finding(
            other.hears_anything(within_s=_SILENCE_S),
            "a device can hear what is for another",
            "no device hears what is for another",
        )


def _will(scene: Scene) -> Finding:
    lie = secrets.token_bytes(8)
    with scene.enter(scene.one) as one:
        one.subscribe(f"{scene.one.branch}/#")
        with scene.enter(scene.other, will=(f"{scene.one.branch}/doctor", lie)) as other:
            other.vanishes()
        return _finding(
            one.hears(lie, within_s=_SILENCE_S),
            "a device can speak in another's name by its last will",
            "no last will speaks in another's name",
        )


def _kept(scene: Scene, gateway: Probe) -> Finding:
    lie, topic = secrets.token_bytes(8), f"{scene.one.branch}/doctor"
    with scene.enter(scene.other) as other:
        other.publish(topic, lie, retain=True)
    with scene.enter(scene.one) as one:
        one.subscribe(topic)
        harm = one.hears(lie, within_s=_SILENCE_S)
    if harm:
        gateway.publish(topic, b"", retain=True)
    return _finding(
        harm,
        "a device can have words kept by the broker for another",
        "the broker keeps nothing for a device that another said",
    )


def _subscriptions(scene: Scene) -> Finding:
    with scene.enter(scene.other) as other:
        granted = sum(other.subscribe(f"{scene.other.branch}/doctor/{number}") for number in range(_MANY))
    return _finding(
        granted == _MANY,
        f"a device may have any number of subscriptions ({_MANY} were granted): thousands stop Mosquitto for everybody",
        "a device has some subscriptions and no more",
        DOOR_MEND,
    )


def _group(scene: Scene, gateway: Probe) -> Finding:
    """A group of our own: whoever joined the gateways' would take alarms from them."""
    topic = f"{scene.one.branch}/doctor"
    words = [secrets.token_bytes(8) for _ in range(_DEALT)]
    with scene.enter(scene.one) as one, scene.enter(scene.other) as other:
        group = shared(_name(), topic)
        if not one.subscribe(group):
            return note("this broker shares no subscriptions with devices: nobody can join the gateways' group")
        if not other.subscribe(group):
            return well("no device can join a group to take what is dealt to it")
        for word in words:
            gateway.publish(topic, word)
        taken = not all(one.hears(word, within_s=_SILENCE_S) for word in words)
    if not taken:
        return well("a group's messages are not dealt to one who may not read them")
    return _finding(
        scene.gateway_password is None,
        "a device that joins the gateways' group is dealt their alarms, and the group's name is known to all",
        "a device that joins a group is dealt a part of it, but the gateways' has a secret name",
        "give the gateway a password (YIAN_MQTT_PASSWORD): the name of its group is derived from it",
    )


def _client_id_of_a_device(scene: Scene) -> Finding:
    with scene.enter(scene.one) as one, scene.enter(scene.other, as_client=scene.one.device_id):
        return _finding(
            one.thrown_off(within_s=_SILENCE_S),
            "a device can throw off any other by taking its client id, and take what waits for it",
            "no device can throw off another by its client id",
            IDS_MEND,
        )


def _client_id_of_a_gateway(scene: Scene) -> Finding:
    name = _name()
    with scene.gateway(name) as gateway, scene.enter(scene.other, as_client=name):
        return _finding(
            gateway.thrown_off(within_s=_SILENCE_S),
            "a device can throw off a gateway by taking its client id, and take the alarms that wait for it",
            "no device can throw off a gateway by its client id",
            IDS_MEND,
        )


def _forgotten(scene: Scene) -> Finding:
    """Decision 15: Mosquitto 2.0.11 forgets the session of a device whose id a nameless stranger uses."""
    word = secrets.token_bytes(8)
    with scene.enter(scene.one, keeps_session=True) as one:
        one.subscribe(f"{scene.one.branch}/#")
        try:
            with Probe(scene.outside, None, None, client_id=scene.one.device_id):
                pass
        except NoAnswer:
            time.sleep(0.2)
    with scene.enter(scene.one, keeps_session=True) as one, scene.gateway() as gateway:
        one.subscribe(f"{scene.one.branch}/#")
        gateway.publish(f"{scene.one.branch}/doctor", word)
        return _finding(
            not one.hears(word, within_s=_SILENCE_S),
            "a stranger who knows a device's id can make its receipts go astray (seen with Mosquitto 2.0.11)",
            "a stranger who knows a device's id cannot make its receipts go astray",
            "use a newer Mosquitto, or open only the listener with client certificates (deploy/mosquitto/conf.d-tls/)",
        )
