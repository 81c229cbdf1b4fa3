"""Lets Rasa be imported without TensorFlow, which it imports by itself and this bot never uses.

`rasa.core.agent` pulls TensorFlow in whatever the pipeline is. A stand-in in `sys.modules` saves some seconds of every
start and some 400 MB. It is for our own process only: `rasa train` and `rasa test` keep the real one.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

REPLACED = ("tensorflow", "tensorflow_hub", "tensorflow_text", "keras")


class TensorFlowNeeded(Exception):
    """Something really wanted to compute with TensorFlow in a process that goes without it."""


class _Nothing(type):
    """The type of all that the stand-in gives: a class to inherit from and to annotate with. Using it is an error."""

    def __call__(cls, *_args: Any, **_options: Any) -> Any:
        raise TensorFlowNeeded(f"{cls.__module__}.{cls.__name__}: TensorFlow is not loaded here; use Rasa's own commands for such components")

    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        nothing = _Nothing(name, (), {"__module__": cls.__module__})
        setattr(cls, name, nothing)
        return nothing


class _StandIn(ModuleType):
    """A module in which every name is there and nothing works."""

    __version__ = "0.0.0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        nothing = _Nothing(name, (), {"__module__": self.__name__})
        setattr(self, name, nothing)
        return nothing


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in REPLACED:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: the names come when they are asked for."""


def install() -> None:
    """Put the stand-in in place of TensorFlow. Call it before Rasa is imported; does nothing where the real one is loaded."""
    if "tensorflow" in sys.modules or any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _Finder())
