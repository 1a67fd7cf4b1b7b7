"""Random numbers inside compiled code."""

import numpy as np
from numpy.typing import NDArray

from dispatch.kernel.compiled import inlined


@inlined
def draw(random: NDArray[np.uint64]) -> float:
    """xorshift128+, in [0, 1); `random` is its state of two words, not both 0."""
    a, b = random[0], random[1]
    random[0] = b
    a ^= a << np.uint64(23)
    a ^= (a >> np.uint64(18)) ^ b ^ (b >> np.uint64(5))
    random[1] = a
    return np.float64((a + b) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def draw_below(random: NDArray[np.uint64], bound: int) -> int:
    return int(draw(random) * bound)
