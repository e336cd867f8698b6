"""
How does a command get a list of options at once?
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def stacked(*decorators: Decorator) -> Decorator:
    """Return a decorator that applies these, so that `--help` lists them in this order."""
    return lambda command: reduce(lambda made, add: add(made), reversed(decorators), command)
