"""The machine code of the search is compiled once, read back by every checkout, and never made while somebody waits."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.kernel import cache

pytestmark = pytest.mark.usefixtures("compiled_search")
CHECKOUT = Path(__file__).parents[2]
LOAD = "import time; from dispatch.kernel.warmup import load; load(); print(time.process_time())"


COUNT = """
from dispatch.kernel import cache
looks, is_complete = [], cache.is_complete
cache.is_complete = lambda place: looks.append(place) or is_complete(place)
from dispatch.kernel.warmup import load
load()
print(len(looks))
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Another one of the same sources."""
    for room in ("contracts", "backbone", "dispatch"):
        shutil.copytree(CHECKOUT / room, tmp_path / "other" / room, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "other"


def loaded(checkout: Path, program: str = LOAD, **environment: str) -> "subprocess.CompletedProcess[str]":
    surroundings = {**os.environ, **environment}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=checkout, env=surroundings, capture_output=True, text=True, check=False)


def test_another_checkout_reads_back_what_this_one_has_compiled(checkout: Path) -> None:
    read = loaded(checkout)
    assert read.returncode == 0, read.stderr
    assert float(read.stdout) < 10, "it was compiled again"


def test_a_start_looks_at_the_files_a_few_times_not_for_each_of_a_hundred_functions(checkout: Path) -> None:
    read = loaded(checkout, COUNT)
    assert read.returncode == 0, read.stderr
    assert 1 <= int(read.stdout) <= 4


def test_a_process_that_would_have_to_compile_says_so_at_once(checkout: Path, tmp_path: Path) -> None:
    refused = loaded(checkout, HOME=str(tmp_path), XDG_CACHE_HOME="", NUMBA_CACHE_DIR="")
    assert refused.returncode == 1
    assert "NotCompiled: The dispatch search is not compiled on this machine: run `make kernel`" in refused.stderr


def test_a_cache_that_lacks_a_file_or_that_others_may_write_is_not_believed(tmp_path: Path) -> None:
    place = tmp_path / "yian-kernel" / "version"
    place.mkdir(parents=True)
    code = place / "push.nbi"
    code.write_bytes(b"code")
    assert not cache.is_complete(place)
    cache.complete(place)
    assert cache.is_complete(place)
    code.chmod(0o666)
    assert not cache.is_complete(place)
    code.unlink()
    assert not cache.is_complete(place)
