"""compose.yml and the Kubernetes manifests have the shapes that are published for them. `make schemas` gets these from PyPI; without them this is skipped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / ".schemas"
KUBERNETES = SCHEMAS / "kubernetes_validate" / "kubernetes-json-schema"
COMPOSE = SCHEMAS / "compose" / "config" / "compose_spec.json"
DEFINITIONS = "https://kubernetes.io/api/_definitions.json"  # what each file refers to; it stands beside them
VERSIONS = ("v1.29", "v1.37")  # the oldest that providers still offer, and the newest that the package knows

pytestmark = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the published schemas are not here: `make schemas` gets them from PyPI")


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((ROOT / "deploy" / "k8s").glob("*.yaml")):
        for one in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if one["kind"] != "Kustomization":
                yield f"{path.name} {one['kind']}", one


def problems(manifest: dict[str, Any], version: str) -> list[str]:
    """What Kubernetes of this version would refuse, unknown fields too."""
    folder = KUBERNETES / f"{version}.0-local-strict"
    group, _, form = manifest["apiVersion"].rpartition("/")
    name = "-".join(part for part in (manifest["kind"].lower(), group.partition(".")[0], form) if part)
    schema = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    there = {DEFINITIONS: json.loads((folder / "_definitions.json").read_text(encoding="utf-8"))}
    resolver = jsonschema.RefResolver(folder.as_uri() + "/", schema, store=there)
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in jsonschema.Draft7Validator(schema, resolver=resolver).iter_errors(manifest)]


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_knows_every_field_of_the_manifests(version: str) -> None:
    assert {name: found for name, one in manifests() if (found := problems(one, version))} == {}


def test_a_field_that_kubernetes_does_not_know_would_be_found() -> None:
    deployment = next(one for name, one in manifests() if name.endswith("Deployment"))
    deployment["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    assert any("livenesProbe" in found for found in problems(deployment, VERSIONS[-1]))


def test_compose_has_the_shape_of_the_compose_specification() -> None:
    schema = json.loads(COMPOSE.read_text(encoding="utf-8"))
    wrong = yaml.safe_load((ROOT / "compose.yml").read_text(encoding="utf-8"))
    assert [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(wrong)] == []
    wrong["services"]["caddy"]["prots"] = []
    assert any("prots" in error.message for error in jsonschema.Draft7Validator(schema).iter_errors(wrong))
