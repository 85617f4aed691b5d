"""Profiles of the suite, and the ledger that ends it."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

# Before NumPy is imported: one BLAS thread, for the workers of `pytest -n auto` share the cores already.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
# Where no bytecode may lie beside the sources, it lies in the cache of pytest: the workers, and the commands that tests
# start, would each compile some two hundred modules.
if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.pycache_prefix = str(Path(__file__).parent / ".pytest_cache" / "bytecode")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
os.environ["COLUMNS"] = "100"  # the workers of pytest-xdist say 80: tables are printed as in a pipe

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

settings.register_profile("default", max_examples=24, deadline=None, derandomize=True, database=None)
settings.register_profile("ci", settings.get_profile("default"), max_examples=60)
settings.register_profile("hunt", settings.get_profile("default"), max_examples=2000, derandomize=False)
settings.register_profile("unhurried", settings.get_profile("ci"), suppress_health_check=list(HealthCheck))
settings.load_profile("default")

pytest_plugins = ["theorems.strategies.pytest_plugin"]


def pytest_configure(config: pytest.Config) -> None:
    """With pytest-xdist: a worker that is done takes over what another one has not begun."""
    if getattr(config.option, "dist", "no") == "load":
        config.option.dist = "worksteal"


@pytest.fixture(autouse=True)
def _no_text_but_the_installed_ones() -> Iterator[None]:
    """What one test gives to the catalogue is not there for the next."""
    yield
    if "theorems.catalogue" in sys.modules:
        sys.modules["theorems.catalogue"].forget()
