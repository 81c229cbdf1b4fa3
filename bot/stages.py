"""How long the parts of a turn take, told to whoever listens. Nobody does by default, and then it costs a look at an empty list."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

UNDERSTANDING, ENCODER, ACTIONS = "understanding", "encoder", "actions"
Listener = Callable[[str, float], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> Callable[[], None]:
    """Tell `listener` each part's name and seconds, in the thread that did it, until what is given back is called."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def tell(name: str, seconds: float) -> None:
    """A part that was done elsewhere took so long."""
    for listener in tuple(_listeners):
        listener(name, seconds)


@contextmanager
def part(name: str) -> Iterator[None]:
    """The block is this part of a turn."""
    if not _listeners:
        yield
        return
    began = time.perf_counter()
    try:
        yield
    finally:
        tell(name, time.perf_counter() - began)
