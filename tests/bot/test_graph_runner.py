"""Rasa's graph, one node after the other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphComponent, GraphSchema, SchemaNode

from bot.graph_runner import GraphRunner

RAN: list[str] = []


class Node:
    """Says what it was given."""

    def __init__(self, name: str, needs: dict[str, str]) -> None:
        self._name, self._needs = name, needs

    def __call__(self, *given: tuple[str, Any]) -> tuple[str, str]:
        RAN.append(self._name)
        if self._name == "broken":
            raise RuntimeError("no")
        return self._name, f"{self._name}({', '.join(value for _, value in given)})"


def runner(graph: dict[str, list[str]], targets: tuple[str, ...] = ()) -> GraphRunner:
    RAN.clear()
    nodes = {name: {need: need for need in needs} for name, needs in graph.items()}
    schema = GraphSchema(
        {
            name: SchemaNode(needs=needs, uses=GraphComponent, constructor_name="load", fn="run", config={}, is_target=name in targets)
            for name, needs in nodes.items()
        }
    )
    made: Any = SimpleNamespace(_graph_schema=schema, _instantiated_nodes={name: Node(name, needs) for name, needs in nodes.items()})
    return GraphRunner(made)


def test_a_node_runs_once_behind_what_it_needs_and_others_do_not() -> None:
    one = runner({"last": ["left", "right"], "left": ["first"], "right": ["first"], "first": ["text"], "aside": ["first"]})
    assert one.run({"text": "tere"}, ["last"]) == {"last": "last(left(first(tere)), right(first(tere)))"}
    assert (RAN[0], RAN[-1], sorted(RAN)) == ("first", "last", ["first", "last", "left", "right"])


def test_each_message_runs_the_nodes_anew() -> None:
    one = runner({"first": ["text"]})
    assert [one.run({"text": said}, ["first"])["first"] for said in ("tere", "head aega")] == ["first(tere)", "first(head aega)"]


def test_without_targets_those_of_the_graph_are_given() -> None:
    assert runner({"first": ["text"], "aside": ["text"]}, targets=("aside",)).run({"text": "tere"}) == {"aside": "aside(tere)"}


def test_what_breaks_inside_is_raised_as_rasa_raises_it() -> None:
    with pytest.raises(GraphRunError):
        runner({"broken": ["text"]}).run({"text": "tere"}, ["broken"])
