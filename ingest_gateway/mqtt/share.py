"""The group in which gateways share their subscriptions.

A broker distributes a group's messages among all its members, even to one who may not read them; those messages are
lost. So the name of the group is a secret of the installation that no device can find out.
"""

import hashlib
import hmac

FORMER_GROUP = "gateway"
"""The group of earlier releases, whose name everybody knew."""


def group_name(gateway_password: str | None) -> str:
    """The same for all gateways of an installation, because they have one password. None: the broker asks for no
    password."""
    if gateway_password is None:
        return FORMER_GROUP
    return "yian-" + hmac.new(gateway_password.encode(), b"yian share group 1", hashlib.sha256).hexdigest()[:32]


def shared(group: str, topic_filter: str) -> str:
    return f"$share/{group}/{topic_filter}"
