"""Nothing forks: OpenCV and PyAV have threads, and a forked copy of them hangs."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "motion_tracking"
FORKS = {"fork", "forkpty", "multiprocessing", "ProcessPoolExecutor"}


def forks(text: str) -> set[str]:
    """Name what could fork in a module."""
    if not any(name in text for name in FORKS):
        return set()  # which is found out a hundred times faster
    named = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            named.add(node.attr)
        elif isinstance(node, ast.Import):
            named |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named |= {(node.module or "").partition(".")[0], *(alias.name for alias in node.names)}
    return named & FORKS


def test_nothing_forks() -> None:
    assert forks("import os\nos.fork()") == {"fork"}
    assert forks("from multiprocessing import Process") == {"multiprocessing"}
    found = {path.name: forks(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}
    assert len(found) > 50
    assert {name: used for name, used in found.items() if used} == {}
