"""The group in which gateways share their subscriptions.

A broker deals a group's messages to whoever has joined it, also to one who may not read them: those are lost. So the
group's name is a secret of the installation, which a device cannot find out.
"""

import hashlib
import hmac

FORMER_GROUP = "gateway"
"""Of releases whose group everybody knew."""


def group_name(gateway_password: str | None) -> str:
    """The same for all gateways of an installation, for they have one password. None: a broker that asks for none."""
    if gateway_password is None:
        return FORMER_GROUP
    return "yian-" + hmac.new(gateway_password.encode(), b"yian share group 1", hashlib.sha256).hexdigest()[:32]


def shared(group: str, topic_filter: str) -> str:
    return f"$share/{group}/{topic_filter}"
