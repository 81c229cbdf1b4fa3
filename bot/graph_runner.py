"""Runs Rasa's graph one node after the other, in an order worked out once.

Rasa's own runner asks dask, which plans anew for threads that it then does not use: a millisecond of each message. A graph that was loaded
never changes, so which nodes a target needs, and in which order, is known after the first message.
"""

from __future__ import annotations

from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner


class GraphRunner:
    """What `rasa.core.processor.MessageProcessor` asks of its runner, with the nodes of the one it was given."""

    def __init__(self, runner: DaskGraphRunner) -> None:
        self._schema, self._nodes = runner._graph_schema, runner._instantiated_nodes
        self._plan = lru_cache(maxsize=16)(self._planned)

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of the targets, by default of all; raises `GraphRunError` and whatever a node raises."""
        wanted = tuple(targets or self._schema.target_names)
        done = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, needs in self._plan(wanted):
                done[name] = self._nodes[name](*(done.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {name: done[name][1] for name in wanted}

    def _planned(self, targets: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The nodes that the targets need, each behind those it needs itself."""
        nodes = self._schema.minimal_graph_schema(list(targets)).nodes
        order = TopologicalSorter({name: [need for need in node.needs.values() if need in nodes] for name, node in nodes.items()})
        return tuple((name, tuple(nodes[name].needs.values())) for name in order.static_order())
