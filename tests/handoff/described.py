"""An OpenAPI description as a judge: is what is asked, and what is answered, as it says? The schemas are judged by `jsonschema_rs`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

JSON = "application/json"


class Described:
    """What is not by the description raises `AssertionError` with its reason."""

    def __init__(self, place: Path) -> None:
        self._whole = yaml.safe_load(place.read_text(encoding="utf-8"))
        self._valid = cache(self._made)

    def asked(self, method: str, path: str, params: dict[str, Any], body: Any, *, kind: str = JSON) -> str:
        """Gives the operation's id."""
        operation = self._operation(method, path)
        named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
        assert set(params) <= named, f"{method} {path} knows no {set(params) - named}"
        told = operation.get("requestBody", {}).get("content", {})
        assert (kind in told) if body is not None else not told, f"{method} {path} takes no {kind}"
        if body is not None:
            self._judge((*self._at(method, path), "requestBody", "content", kind, "schema"), body)
        return str(operation["operationId"])

    def answered(self, method: str, path: str, body: Any) -> None:
        """By its description of a success."""
        self._judge((*self._at(method, path), "responses", "200", "content", JSON, "schema"), body)

    def _judge(self, where: tuple[str, ...], body: Any) -> None:
        wrong = [f"{'/'.join(map(str, one.instance_path))}: {one.message}" for one in self._valid(where).iter_errors(body)]
        assert not wrong, f"{' '.join(where[1:3])}: {'; '.join(wrong)}"

    def _made(self, where: tuple[str, ...]) -> jsonschema_rs.Validator:
        schema: Any = self._whole
        for name in where:
            schema = schema[name]
        return jsonschema_rs.validator_for({**schema, "components": self._whole["components"]})

    def _operation(self, method: str, path: str) -> Any:
        _paths, template, name = self._at(method, path)
        return self._whole["paths"][template][name]

    def _at(self, method: str, path: str) -> tuple[str, str, str]:
        for template, methods in self._whole["paths"].items():
            if method.lower() in methods and re.fullmatch(re.sub(r"\\\{\w+\\\}", r"\\d+", re.escape(template)), path):
                return "paths", template, method.lower()
        raise AssertionError(f"{method} {path} is not described")
