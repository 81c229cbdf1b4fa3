"""What is deployed names only what there is: figures in dashboard and alerts, settings in the files of containers, shapes that their readers know."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from handoff.settings import SECRET_FIELDS, Settings, read_settings
from handoff.vault import Vault

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
OTHERS = {"up"}  # Prometheus' own
_WORD = re.compile(r"\b(?:abiline|process)_[a-z_]+\b")


def _expressions(node: Any) -> list[str]:
    """Every query in a dashboard or a file of rules."""
    if isinstance(node, dict):
        own = [node["expr"]] if isinstance(node.get("expr"), str) else []
        return [*own, *(found for value in node.values() for found in _expressions(value))]
    return [found for value in node for found in _expressions(value)] if isinstance(node, list) else []


DASHBOARD = json.loads((DEPLOY / "grafana" / "abiline.json").read_text(encoding="utf-8"))
ALERTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Every figure that the house has, with the names of its labels."""
    from handoff.app import create_app
    from handoff.database import Database, Table
    from tests.fakes import FakeBot

    folder = tmp_path_factory.mktemp("figures")
    database = Database(f"sqlite:///{folder / 'abiline.db'}")
    Table.metadata.create_all(database.engine)
    bot = FakeBot()
    bot.pid = os.getpid()
    browser = TestClient(create_app(read_settings(data_dir=folder), bot, database), client=("127.0.0.1", 5))
    told = browser.get("/metrics").text
    database.close()
    names = {name: name for name in re.findall(r"^# TYPE (\S+)", told, flags=re.M)}
    parts = {f"{name}_{part}" for name in re.findall(r"^# TYPE (\S+) histogram", told, flags=re.M) for part in ("bucket", "sum", "count")}
    labels = {match[1]: set(re.findall(r'(\w+)="', match[2])) for match in re.finditer(r"^(\w+)\{([^}]*)\}", told, flags=re.M)}
    return {name: labels.get(name, set()) for name in (*names, *parts)}


@pytest.mark.parametrize(("where", "queries"), [("dashboard", _expressions(DASHBOARD)), ("alerts", _expressions(ALERTS))])
def test_dashboard_and_alerts_ask_for_figures_that_there_are(where: str, queries: list[str], known: dict[str, set[str]]) -> None:
    assert len(queries) > 10
    assert [(query, name) for query in queries for name in _WORD.findall(query) if name not in known] == []


def test_they_choose_by_values_that_there_are() -> None:
    from handoff.accounts.tables import Availability
    from handoff.conversations.states import State
    from handoff.operations.meters import STAGES

    values: dict[str, set[str]] = {"stage": set(STAGES), "state": set(State), "availability": set(Availability), "job": {"abiline"}}
    chosen = [match for query in (*_expressions(DASHBOARD), *_expressions(ALERTS)) for match in re.findall(r'(\w+)!?="([^"]*)"', query)]
    assert [(label, value) for label, value in chosen if value not in values[label]] == []
    assert len(chosen) > 5


def test_every_figure_is_told_in_the_docs(known: dict[str, set[str]]) -> None:
    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    own = {name for name in known if name.startswith("abiline_") and not name.endswith(("_bucket", "_sum", "_count", "_created"))}
    kinds = tuple(re.findall(r"`(abiline_\w+_)\*`", told))
    assert [name for name in sorted(own) if name not in told and not name.startswith(kinds)] == []


def test_each_alert_says_what_it_is_and_the_docs_say_what_to_do() -> None:
    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rules = [rule for group in ALERTS["groups"] for rule in group["rules"]]
    assert {frozenset(rule) - {"for"} for rule in rules} == {frozenset({"alert", "expr", "labels", "annotations"})}
    assert {rule["labels"]["severity"] for rule in rules} == {"page", "ticket"}
    assert [rule["alert"] for rule in rules if f"| `{rule['alert']}` |" not in told] == []


def test_each_panel_has_its_own_place_and_number() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
    covered = [(x, y) for one in places for x in range(one["x"], one["x"] + one["w"]) for y in range(one["y"], one["y"] + one["h"])]
    assert len(covered) == len(set(covered))
    assert max(x for x, _ in covered) < 24


# Containers, by rules of our own. Their published shapes are held against them in tests/test_schemas.py.

COMPOSE = yaml.safe_load((ROOT / "compose.yml").read_text(encoding="utf-8"))
APPS = [service for name, service in COMPOSE["services"].items() if name.startswith("app-")]
MANIFESTS = {
    (one["kind"], one["metadata"]["name"]): one
    for path in sorted((DEPLOY / "k8s").glob("*.yaml"))
    for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    if one["kind"] != "Kustomization"
}
FILES = [ROOT / "Dockerfile", ROOT / "compose.yml", *sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".json")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_of_deployment_name_only_settings_that_there_are(path: Path) -> None:
    known = {f"ABILINE_{name.upper()}" for name in Settings.model_fields} | {f"ABILINE_{name.upper()}_FILE" for name in SECRET_FIELDS}
    assert set(re.findall(r"\bABILINE_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))) - known == set()


def test_compose_settings_make_a_production_house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What compose.yml and its secrets give is read by the settings themselves."""
    secrets = _made_secrets(tmp_path)
    for name, value in APPS[0]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{SITE[^}]*\}", "tugi.pood.ee", value).replace("/run/secrets", str(secrets)))
    settings = read_settings()
    assert (settings.environment, settings.public_url, settings.secure_cookies) == ("production", "https://tugi.pood.ee", True)
    assert settings.sqlalchemy_url.startswith("postgresql+psycopg2://abiline:")
    assert settings.redis_url.get_secret_value() == "redis://redis:6379/0"
    assert len(Vault(file=secrets / "data_key").keys) == 1


def test_secrets_are_made_once_and_differ(tmp_path: Path) -> None:
    first = {path.name: path.read_text(encoding="ascii") for path in _made_secrets(tmp_path).iterdir()}
    again = {path.name: path.read_text(encoding="ascii") for path in _made_secrets(tmp_path).iterdir()}
    assert first == again
    assert set(first) == set(COMPOSE["secrets"])
    assert len(set(first.values())) == len(first)
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def _made_secrets(folder: Path) -> Path:
    script = folder / "deploy" / "compose" / "secrets.sh"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_bytes((DEPLOY / "compose" / "secrets.sh").read_bytes())
    subprocess.run(["sh", str(script)], check=True, capture_output=True)
    return folder / "secrets"


def test_compose_names_what_it_has() -> None:
    for name, service in COMPOSE["services"].items():
        wanted = {*service.get("secrets", ())}
        assert wanted <= set(COMPOSE["secrets"]), name
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        assert set(service.get("depends_on", ())) <= set(COMPOSE["services"]), name
        volumes = {volume.partition(":")[0] for volume in service.get("volumes", ()) if not volume.startswith(".")}
        assert volumes <= set(COMPOSE["volumes"]), name
        binds = [volume.partition(":")[0] for volume in service.get("volumes", ()) if volume.startswith(".")]
        assert [bind for bind in binds if not (ROOT / bind).exists()] == [], name
    assert len(APPS) == 2
    assert all(app["environment"] == APPS[0]["environment"] for app in APPS)


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["caddy"]
    assert all(service["networks"] == ["inside"] for name, service in COMPOSE["services"].items() if name in ("postgres", "redis"))
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_the_proxy_asks_the_processes_that_compose_starts() -> None:
    said = (DEPLOY / "compose" / "Caddyfile").read_text(encoding="utf-8")
    assert set(re.findall(r"\b(app-\d+):8000", said)) == {name for name in COMPOSE["services"] if name.startswith("app-")}
    assert "health_uri /ready" in said


def test_both_caddyfiles_refuse_the_same_sizes() -> None:
    """`tests/test_gateways.py` asks one of them."""
    one, many = ((DEPLOY / name).read_text(encoding="utf-8") for name in ("Caddyfile", "compose/Caddyfile"))
    rules = re.findall(r"^\t(?:@larger|respond @larger|\tmax_size).*", one, flags=re.M)
    assert len(rules) == 3
    assert all(rule in many for rule in rules)
    larger = re.compile(re.findall(r"Content-Length (\S+)", one)[0])
    assert [bool(larger.match(str(size))) for size in (9_999_999, 11_999_999, 12_000_000, 20_000_000, 100_000_000)] == [False, False, True, True, True]


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Debian's caddy is not installed")
def test_caddy_takes_its_file() -> None:
    command = ["caddy", "adapt", "--config", str(DEPLOY / "compose" / "Caddyfile"), "--adapter", "caddyfile"]
    done = subprocess.run(command, env={"SITE": "tugi.pood.ee", "HOME": "/tmp", "PATH": os.environ["PATH"]}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"tugi.pood.ee" in done.stdout


def test_the_image_has_what_serves_and_nobody_serves_as_root() -> None:
    said = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = {name for line in re.findall(r"^COPY (?!--from)(.+)$", said, flags=re.M) for name in line.split()[:-1]}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {"actions", "bot", "data", "handoff", "config.yml", "domain.yml", "endpoints.yml", "requirements.lock"} <= copied
    last = said.rpartition("\nFROM ")[2]
    assert "USER 10001:10001" in last
    assert "--require-hashes" in said
    assert "abiline train" in said.rpartition("\nFROM ")[0]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env", "secrets", "var", ".git"} <= set(ignored)
    assert not copied & set(ignored)


def test_kubernetes_parts_belong_together() -> None:
    kinds = {kind for kind, _ in MANIFESTS}
    assert {
        "Deployment",
        "Service",
        "Ingress",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "ConfigMap",
    } <= kinds
    listed = yaml.safe_load((DEPLOY / "k8s" / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    assert {*listed, "kustomization.yaml"} == {path.name for path in (DEPLOY / "k8s").glob("*.yaml")}
    pod = MANIFESTS["Deployment", "abiline"]["spec"]["template"]
    for kind in ("Service", "NetworkPolicy", "PodDisruptionBudget"):
        spec = MANIFESTS[kind, "abiline"]["spec"]
        selector = spec.get("podSelector") or spec["selector"]
        assert (selector.get("matchLabels") or selector).items() <= pod["metadata"]["labels"].items(), kind
    assert MANIFESTS["HorizontalPodAutoscaler", "abiline"]["spec"]["scaleTargetRef"]["name"] == "abiline"
    assert MANIFESTS["Ingress", "abiline"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] == "abiline"
    assert {volume["persistentVolumeClaim"]["claimName"] for volume in pod["spec"]["volumes"] if "persistentVolumeClaim" in volume} == {"abiline-data"}
    assert MANIFESTS["PersistentVolumeClaim", "abiline-data"]["spec"]["accessModes"] == ["ReadWriteMany"]


def test_kubernetes_asks_the_right_things_and_gives_no_rights() -> None:
    pod = MANIFESTS["Deployment", "abiline"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert {name: container[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")} == {
        "startupProbe": "/health",
        "livenessProbe": "/health",  # never /ready: a database that is away must start nobody anew
        "readinessProbe": "/ready",
    }
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert {"cpu", "memory"} == set(container["resources"]["requests"])
    assert "replicas" not in MANIFESTS["Deployment", "abiline"]["spec"], "the autoscaler says how many"
