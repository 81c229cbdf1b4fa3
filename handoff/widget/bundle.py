"""Joins the widget's modules into one file, so that a visitor's browser asks once and compression sees everything.

Not a general bundler: our modules use named imports and exports only, and no two of them give the same name to something
at their top level. Both are checked when the bundle is made; a mistake stops the start and not a customer.
Everything stands inside one function, for only names within a function are shortened by the minifier afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ", re.MULTILINE)
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE)
EXPORTED = re.compile(r"^export (?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE)


def bundle(modules: Mapping[str, str], entry: str) -> str:
    """The entry module and all it imports as one module that exports what the entry exports. Raises `ValueError`."""
    order: list[str] = []
    _visit(modules, entry, order, ())
    owners: dict[str, str] = {}
    for module in order:
        for name in TOP_LEVEL.findall(modules[module]):
            if owners.setdefault(name, module) != module:
                raise ValueError(f"{name!r} stands at the top level of both {owners[name]} and {module}: rename one")
    exported = ", ".join(EXPORTED.findall(modules[entry]))
    inside = "".join(_inside(modules[module]) for module in order)
    return f"export const {{ {exported} }} = (() => {{\n{inside}return {{ {exported} }};\n}})();\n"


def _visit(modules: Mapping[str, str], name: str, order: list[str], above: tuple[str, ...]) -> None:
    """Put the module's imports before it."""
    if name in above:
        raise ValueError(f"modules import each other in a circle: {' → '.join([*above, name])}")
    for wanted in IMPORT.findall(modules[name]):
        _visit(modules, wanted, order, (*above, name))
    if name not in order:
        order.append(name)


def _inside(source: str) -> str:
    bare = IMPORT.sub("", source)
    if re.search(r"^import ", bare, re.MULTILINE):
        raise ValueError('only `import { … } from "./….js";` can be joined')
    return EXPORT.sub("", bare)
