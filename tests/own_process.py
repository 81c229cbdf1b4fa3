"""Work in a process of its own that may be killed. A bare `os.fork` copies locks that other threads hold just then, and waits for them for ever;
here each process is forked from one that never had a second thread."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence


def ended(work: Callable[..., object], *given: object, loads: Sequence[str] = ()) -> int:
    """Run a function of a module on what can be pickled; gives how its process ended: the negative number of the signal, or the exit code. `loads` are
    modules that are imported once for all."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([work.__module__, *loads])
    process = context.Process(target=work, args=given)
    process.start()
    process.join()
    code = process.exitcode
    process.close()
    return code if code is not None else 1
