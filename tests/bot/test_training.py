"""Training: once, and again only when the model would come out differently."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot import training
from bot.training import fingerprint, train


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    for name in ("config.yml", "domain.yml", "data/rules.yml", "data/nlu/greet.yml"):
        (tmp_path / name).write_text(f"# {name}\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("changed", ["config.yml", "domain.yml", "data/rules.yml", "data/nlu/greet.yml", "data/nlu/new.yml"])
def test_whatever_a_model_is_made_of_changes_its_fingerprint(root: Path, changed: str) -> None:
    before = fingerprint(root, "encoder")
    (root / changed).write_text("changed", encoding="utf-8")
    assert fingerprint(root, "encoder") != before


def test_another_encoder_changes_the_fingerprint(root: Path) -> None:
    assert fingerprint(root, "one") != fingerprint(root, "other")


def test_what_a_model_is_not_made_of_leaves_its_fingerprint(root: Path) -> None:
    before = fingerprint(root, "encoder")
    (root / "data" / "faq").mkdir()
    (root / "data" / "faq" / "tarne.yml").write_text("[]", encoding="utf-8")
    (root / "data" / "nlu" / "notes.txt~").write_text("…", encoding="utf-8")
    assert fingerprint(root, "encoder") == before


def test_the_encoder_is_exported_when_it_was_taught_otherwise_and_only_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def export(folder: Path, **_: object) -> Path:
        folder.mkdir()
        (folder / "about.json").write_text(json.dumps({"name": wanted}), encoding="utf-8")
        made.append(folder)
        return folder

    monkeypatch.setattr(training, "export_encoder", export)
    wanted = ""
    for name, count in (("one", 1), ("one", 1), ("two", 2)):
        wanted = name
        monkeypatch.setattr(training, "shipped_name", lambda name=name: name)
        training.ensure_encoder(tmp_path / "models")
        assert len(made) == count
        assert training.exported_name(tmp_path / "models" / "encoder") == name


def test_a_fresh_model_is_not_trained_again(trained_model: Path) -> None:
    made = (trained_model / "abiline.tar.gz").stat().st_mtime_ns
    steps: list[str] = []
    assert train(trained_model, progress=steps.append) == trained_model / "abiline.tar.gz"
    assert (trained_model / "abiline.tar.gz").stat().st_mtime_ns == made
    assert steps[-1] == "the model is up to date"


def test_the_intent_classifier_stands_beside_the_model_too(trained_model: Path) -> None:
    from bot.intents import IntentModel

    assert "ask_human" in IntentModel.load(trained_model / "intents").labels
