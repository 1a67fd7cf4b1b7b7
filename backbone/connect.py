"""From an address to a bus."""

from backbone.bus import Bus


def connect_bus(url: str, *, client: str = "yian") -> Bus:
    """`postgresql://…` or `kafka://host:port[,host:port]`; nothing is contacted yet.

    Loads only the library of that bus: the other would make every start of a process a third of a second longer.

    :param client: the name this process goes by on the bus' side.
    :raises ValueError: when the address is of no known kind.
    """
    scheme, _, rest = url.partition("://")
    if scheme in ("postgresql", "postgres"):
        from backbone.postgres.bus import PostgresBus

        return PostgresBus(url)
    if scheme == "kafka":
        from backbone.kafka.bus import KafkaBus

        return KafkaBus(rest.rstrip("/"), client=client)
    raise ValueError(f"bus address {url.partition('@')[2] or url!r}: it must start with postgresql:// or kafka://")
