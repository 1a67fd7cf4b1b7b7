"""Where a simulated device is: near the home its credentials file names, else somewhere in the example city."""

import random

from device_sim.events import Fix
from device_sim.identities import Identity

_CITY = (30.2012, 115.0387)
_NEAR = 0.0006
"""Degrees, one standard deviation: some 60 m."""
_ANYWHERE = 0.05


def fix_of(identity: Identity) -> Fix:
    """The same device is always in the same place."""
    chance = random.Random(identity.device_id)
    (lat, lon), spread = (identity.home, _NEAR) if identity.home else (_CITY, _ANYWHERE)
    return Fix(lat + chance.gauss(0, spread), lon + chance.gauss(0, spread), chance.choice((8, 15, 40)))
