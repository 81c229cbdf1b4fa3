"""Routes that are worked out when they are asked for the first time.

FastAPI works out each route's parameters, bodies and answers when the service is put together: some 0.15 s of each test that has
a house of its own, for a hundred and more routes of which the test asks three. Everything else is as in the real service, which
`tests/flow` and `tests/browser` start as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import compile_path

_worked_out = APIRoute.__init__


def _later(self: APIRoute, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
    """Only what finding the route needs: its path and its methods."""
    self.__dict__["late"] = (path, endpoint, options)
    self.path, self.endpoint = path, endpoint
    self.path_regex, self.path_format, self.param_convertors = compile_path(path)
    self.methods = {method.upper() for method in options.get("methods") or ["GET"]}


def _now(self: APIRoute, name: str) -> Any:
    """Python asks here for what the route does not have yet."""
    late = self.__dict__.pop("late", None)
    if late is None:
        raise AttributeError(name)
    path, endpoint, options = late
    _worked_out(self, path, endpoint, **options)
    return getattr(self, name)


def routes_worked_out_late(patch: pytest.MonkeyPatch) -> None:
    """From now on, until `patch` is undone."""
    patch.setattr(APIRoute, "__init__", _later)
    patch.setattr(APIRoute, "__getattr__", _now, raising=False)
