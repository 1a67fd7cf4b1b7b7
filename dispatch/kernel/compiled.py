"""The decorators of every compiled function."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

from dispatch.kernel import cache

F = TypeVar("F", bound=Callable[..., Any])

_IS_KEPT = cache.chosen() is not None


def _jit(function: F, **options: bool) -> F:
    """Without numba's reference counting (`_nrt`): passing the arrays on cost ten times the search itself. It means
    that nothing here may allocate an array, which numba checks when it compiles."""
    config: Any = numba.config
    jit: Any = numba.njit  # its types do not know `_nrt`
    before = config.CACHE_LOCATOR_CLASSES
    config.CACHE_LOCATOR_CLASSES = f"{cache.__name__}.{cache.InOneFolder.__name__}"
    try:
        jitted: F = jit(function, cache=_IS_KEPT, error_model="numpy", nogil=True, _nrt=False, **options)
    finally:
        config.CACHE_LOCATOR_CLASSES = before
    return jitted


def compiled(function: F) -> F:
    """nopython mode, cached; without a writable folder it is compiled anew in each process."""
    return _jit(function)


def inlined(function: F) -> F:
    """For the small ones, called from compiled functions only."""
    return _jit(function, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
