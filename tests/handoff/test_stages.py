"""Where a matter can stand: the operator's own list stands in for the usual one, or stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from handoff.conversations import links
from handoff.errors import NotFound, SettingsError
from handoff.settings import Settings
from handoff.stages import read_stages
from handoff.texts import Texts

TEXTS = Texts(Path(links.__file__).parents[1] / "texts")
OWN = """
- id: smith
  name: {et: "Meister töötab", en: "The smith is at work"}
  next: {et: "Anname teada, kui ehe on valmis."}
- id: ready
  name: {et: "Valmis"}
  next: {et: "Tulge järele."}
  ends: true
"""


def test_the_operators_own_list_stands_in_for_the_usual_one(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "seisud.yml").write_text(OWN, encoding="utf-8")
    stages = read_stages(settings.model_copy(update={"stages": str(tmp_path / "seisud.yml")}), TEXTS)
    assert [(stage.id, stage.ends, stage.names["en"], stage.names["ru"]) for stage in stages.all] == [
        ("smith", False, "The smith is at work", "Meister töötab"),
        ("ready", True, "Valmis", "Valmis"),
    ]
    assert stages.shown(None, closed=False).names["et"] == "Saime kätte"
    assert stages.shown("ready", closed=False).names["et"] == "Vaatame uuesti"
    assert stages.shown("supplier", closed=False).id == "smith"  # no longer in the list
    assert stages.shown("smith", closed=True).names["et"] == "Lõpetatud"
    with pytest.raises(NotFound):
        stages.get("supplier")


@pytest.mark.parametrize(
    "text", ["- id: Suur", "[]", OWN + OWN, "- {id: x, name: {et: ''}, next: {et: y}}", '- {id: x, name: {et: "a\\nb"}, next: {et: y}}', "{"]
)
def test_a_list_that_can_not_be_used_stops_the_start_and_names_the_key(tmp_path: Path, settings: Settings, text: str) -> None:
    (tmp_path / "seisud.yml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="ABILINE_STAGES"):
        read_stages(settings.model_copy(update={"stages": str(tmp_path / "seisud.yml")}), TEXTS)
    with pytest.raises(SettingsError, match="ABILINE_STAGES"):
        read_stages(settings.model_copy(update={"stages": str(tmp_path / "pole.yml")}), TEXTS)
