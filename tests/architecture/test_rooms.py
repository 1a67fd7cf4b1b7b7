"""Packages, names and sizes: the rules that import-linter cannot check."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from yian.servers.places import CHECKOUT

ROOMS = ("backbone", "bench", "contracts", "device_sim", "dispatch", "ingest_gateway", "services", "yian")
MODULES = [path for room in ROOMS for path in sorted((CHECKOUT / room).rglob("*.py"))]
JUNK_DRAWERS = re.compile(r"(^|_)(utils?|common|helpers?|base|misc|shared|manager)$")
LONGEST_MODULE = 300
LONGEST_FUNCTION = 60


def relative(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def test_imports_run_down_only() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter, "--no-logo"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_nothing_is_named_like_a_junk_drawer() -> None:
    names = [part for path in MODULES for part in path.relative_to(CHECKOUT).with_suffix("").parts]
    assert not [name for name in names if JUNK_DRAWERS.search(name)]


def test_no_module_has_outgrown_its_purpose() -> None:
    too_long = {relative(path): length for path in MODULES if (length := _lines(path)) > LONGEST_MODULE}
    assert not too_long, "the domain has told you about a missing concept"


def test_no_function_has_outgrown_its_purpose() -> None:
    too_long = {
        f"{relative(path)} {function.name}": length
        for path in MODULES
        for function in _functions(ast.parse(path.read_text()))
        if (length := _own_lines(function)) > LONGEST_FUNCTION
    }
    assert not too_long


Function = ast.FunctionDef | ast.AsyncFunctionDef


def _lines(path: Path) -> int:
    return path.read_text().count("\n")


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _own_lines(function: Function) -> int:
    """Without the functions inside it: a factory of routes may hold many short ones."""
    inside = [node for node in _functions(function) if node is not function]
    return _span(function) - sum(_span(node) for node in inside)


def _span(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


SQL = re.compile(r"^\s*(SELECT\s|INSERT INTO\s|UPDATE\s+\w+\s+SET\s|DELETE FROM\s|WITH\s+\w+\s+AS\s)")
SQL_FILES = re.compile(r"/(store\w*|snapshot\w*|kpis\w*|audit)\.py$")


@pytest.mark.parametrize("slice_", sorted(p.name for p in (CHECKOUT / "services").iterdir() if p.is_dir()))
def test_sql_stands_in_the_files_that_are_named_for_it(slice_: str) -> None:
    if slice_ == "db":
        return
    elsewhere = [
        f"{relative(path)}:{node.lineno}"
        for path in MODULES
        if path.is_relative_to(CHECKOUT / "services" / slice_) and not SQL_FILES.search(str(path))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert not elsewhere


def test_settings_come_by_constructor_and_nothing_else_reads_the_environment() -> None:
    readers = [
        relative(path)
        for path in MODULES
        if path.relative_to(CHECKOUT).parts[0] in ("backbone", "contracts", "ingest_gateway", "services")
        and re.search(r"\bos\.(environ|getenv)\b", path.read_text())
    ]
    assert not readers


def test_no_secret_has_a_default() -> None:
    offenders = [
        f"{relative(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and re.search(r"password|secret", node.target.id)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and node.value.value
    ]
    assert not offenders


def test_no_test_waits_for_somebody_to_write_it() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError\(\)|pytest\.mark\.xfail")
    sources = [*MODULES, *(CHECKOUT / "tests").rglob("*.py")]
    mine = Path(__file__)
    assert not [relative(path) for path in sources if path != mine and unfinished.search(path.read_text())]


def test_processes_without_pages_do_not_load_what_only_pages_need() -> None:
    """What loads longer is away longer after it was killed."""
    loaded = "import sys, ingest_gateway.main, services.worker, services.telemetry.main; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", loaded], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert {"fastapi", "uvicorn", "PIL", "typer"}.isdisjoint(names.stdout.split())
