"""What several unit tests stand on."""

import pytest


@pytest.fixture(scope="session")
def compiled_search() -> None:
    """Compiled once per version of the search (`make kernel`); a test that searches may wait, a process may not."""
    from dispatch.kernel.warmup import prepare  # brings the compiler, which most tests do not need

    prepare()
