from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.faq.entries import FaqError, FileSource, read_file, read_folder, write_file
from bot.understanding import FaqEntry

ROOT = Path(__file__).parents[2]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(FaqError) as caught:
        read_folder(path) if path.is_dir() else read_file(path)
    return [str(problem) for problem in caught.value.problems]


def test_an_entry_written_is_the_entry_read(tmp_path: Path) -> None:
    entry = FaqEntry(
        "tarne-aeg",
        "Kui kaua läheb?",
        "Kaks päeva: „homme“.\n\nVõi ülehomme.",
        ("kaua v",),
        {"en": {"question": "How long?", "answer": "Two days."}},
        "tarne",
        ("kiire",),
    )
    path = tmp_path / "tarne.yml"
    write_file(path, [entry])
    assert read_folder(tmp_path) == [entry]


FULL = """
- id: ruuter
  question: Internet ei tööta?
  answer: Vaatame koos.
  translations:
    en:
      question: No internet?
      answer: Let us look together.
      steps: {tuli: "Is the light on?", korras: Great!}
      buttons: [Speed test, ""]
  steps:
    - {id: tuli, text: "Kas tuli põleb?", yes: korras, no: nupp}
    - id: nupp
      text: Vajutage nuppu.
    - {id: korras, text: Tore!, end: true}
  buttons:
    - {title: Kiirustest, url: "https://kiirus.example/"}
    - {title: Tarneaeg, entry: tarne-aeg}
  video: https://video.example/ruuter
  valid_from: 2026-12-01
  valid_until: "2026-12-24"
"""


def test_steps_buttons_video_and_days_come_back_as_they_were_written(tmp_path: Path) -> None:
    (entry,) = read_file(written(tmp_path, "a.yml", FULL))
    assert entry.branches
    assert [(step.id, step.yes, step.no, step.end, step.text_in("en")) for step in entry.steps] == [
        ("tuli", "korras", "nupp", False, "Is the light on?"),
        ("nupp", "", "", False, "Vajutage nuppu."),
        ("korras", "", "", True, "Great!"),
    ]
    buttons = [(button.title_in("en"), button.url, button.entry) for button in entry.buttons]
    assert buttons == [("Speed test", "https://kiirus.example/", ""), ("Tarneaeg", "", "tarne-aeg")]
    assert [entry.valid_on(date(2026, 12, day)) for day in (1, 24, 25)] == [True, True, False]
    write_file(tmp_path / "b.yml", [entry])
    assert read_file(tmp_path / "b.yml") == [entry]


@pytest.mark.parametrize(
    ("before", "after", "line", "mend"),
    [
        ("yes: korras", "yes: valmis", 12, "which there is not"),
        ("{tuli: ", "{valgus: ", 9, "no step „valgus“ to translate"),
        ('[Speed test, ""]', "[a, b, c]", 10, "one a button"),
        ("entry: tarne-aeg", "url: ftp://vana.example", 18, "https://"),
        ("entry: tarne-aeg", "", 18, "„url“ or „entry“"),
        ("2026-12-24", "2026-11-24", 21, "before „valid_from“"),
        ("2026-12-01", "homme", 20, "valid_from"),
    ],
)
def test_what_is_wrong_in_the_newer_fields_is_told_with_its_line(tmp_path: Path, before: str, after: str, line: int, mend: str) -> None:
    assert before in FULL
    told = problems(written(tmp_path, "a.yml", FULL.replace(before, after)))
    assert any(f":{line}: entry ruuter:" in text and mend in text for text in told), told


def test_the_file_name_is_the_topic_of_entries_that_name_none(tmp_path: Path) -> None:
    written(tmp_path, "tarne.yml", "- {id: a, question: Kas, answer: V.}\n- {id: b, question: Kas, answer: V., topic: muu}\n")
    assert [entry.topic for entry in read_folder(tmp_path)] == ["tarne", "muu"]


def test_all_problems_are_told_at_once_with_file_line_and_entry(tmp_path: Path) -> None:
    path = written(tmp_path, "katki.yml", '- id: a\n  question: ""\n  anser: x\n- id: b\n  question: K?\n  answer: 5\n- 3\n')
    told = problems(path)
    assert any(text.startswith(f"{path}:2: entry a:") and "empty" in text for text in told)
    assert any(text.startswith(f"{path}:3:") and "unknown key „anser“" in text for text in told)
    assert any("„answer“ is missing" in text for text in told)
    assert any(text.startswith(f"{path}:6: entry b:") and "must be text" in text for text in told)
    assert any(text.startswith(f"{path}:7:") for text in told)


def test_an_id_used_in_two_files_names_both_places(tmp_path: Path) -> None:
    first = written(tmp_path, "a.yml", "- {id: sama, question: Kas, answer: V.}\n")
    second = written(tmp_path, "b.yml", "- {id: sama, question: Kas, answer: V.}\n")
    (told,) = problems(tmp_path)
    assert f"{second}:1" in told
    assert f"{first}:1" in told


def test_a_key_that_stands_twice_is_told(tmp_path: Path) -> None:
    assert "second time" in problems(written(tmp_path, "a.yml", "- id: a\n  question: K?\n  answer: V.\n  answer: W.\n"))[0]


def test_broken_yaml_names_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "a.yml", '- id: a\n  question: "K?\n  answer: V.\n')
    assert "broken YAML" in problems(path)[0]


def test_a_file_that_is_no_list_says_how_to_begin(tmp_path: Path) -> None:
    assert "must be a list" in problems(written(tmp_path, "a.yml", "id: a\n"))[0]


def test_an_empty_folder_and_a_missing_file_are_told(tmp_path: Path) -> None:
    assert "no .yml file" in problems(tmp_path)[0]
    assert "no such" in problems(tmp_path / "none.yml")[0]


def test_the_revision_of_files_changes_with_their_words(tmp_path: Path) -> None:
    source = FileSource(tmp_path)
    written(tmp_path, "a.yml", "- {id: a, question: Kas, answer: V.}\n")
    before = source.revision
    written(tmp_path, "a.yml", "- {id: a, question: Kas, answer: W.}\n")
    assert source.revision != before
    assert source.entries()[0].answer == "W."


def test_the_starter_entries_are_sound() -> None:
    assert len(read_folder(ROOT / "data" / "faq")) > 50


def test_every_starter_entry_speaks_three_languages() -> None:
    untranslated = [
        (entry.id, language)
        for entry in read_folder(ROOT / "data" / "faq")
        for language in ("en", "ru")
        if not all(entry.translations.get(language, {}).get(part, "").strip() for part in ("question", "answer"))
    ]
    assert untranslated == []
