"""The decorator of every compiled function, and where the machine code is kept between runs.

numba keys its cache on the one file a function stands in (its path and time), so a function whose *callee* changed
would be read back stale. The cache folder is therefore named after all files that hold compiled functions.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])


def _sources_digest() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        text = path.read_bytes()
        if b"@compiled" in text or path.stem in ("arrays", "compiled"):
            digest.update(f"{path} {path.stat().st_mtime_ns}".encode())
            digest.update(text)
    return digest.hexdigest()[:16]


def cache_folder() -> str:
    roots = [os.environ.get("NUMBA_CACHE_DIR"), os.environ.get("XDG_CACHE_HOME"), str(Path.home() / ".cache")]
    for root in [r for r in roots if r] + [tempfile.gettempdir()]:
        folder = Path(root) / "yian-kernel" / _sources_digest()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return str(folder)
    return ""


_FOLDER = cache_folder()


def _jit(function: F, **options: bool) -> F:
    """Without numba's reference counting (`_nrt`): passing the arrays on cost ten times the search itself. It means
    that nothing here may allocate an array, which numba checks when it compiles."""
    config: Any = numba.config
    jit: Any = numba.njit  # its types do not know `_nrt`
    before = config.CACHE_DIR
    config.CACHE_DIR = _FOLDER
    try:
        jitted: F = jit(function, cache=bool(_FOLDER), error_model="numpy", nogil=True, _nrt=False, **options)
    finally:
        config.CACHE_DIR = before
    return jitted


def compiled(function: F) -> F:
    """nopython mode, cached; without a writable folder it is compiled anew in each process."""
    return _jit(function)


def inlined(function: F) -> F:
    """For the small ones, called from compiled functions only."""
    return _jit(function, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
