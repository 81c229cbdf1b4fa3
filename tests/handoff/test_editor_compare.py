"""Two forms of an entry side by side, with the words that differ."""

from __future__ import annotations

from handoff.editor.compare import compared, differing


def test_only_the_words_that_differ_are_marked() -> None:
    before, after = differing("Pakk jõuab kahe päevaga.\nHea!", "Pakk jõuab kolme päevaga.\nHea!")
    assert before == [["", "Pakk jõuab "], ["del", "kahe"], ["", " päevaga.\nHea!"]]
    assert after == [["", "Pakk jõuab "], ["ins", "kolme"], ["", " päevaga.\nHea!"]]


def test_whole_texts_come_back_out_of_both_sides() -> None:
    first, second = "Šokolaad, öötöö.\n\nJäääär?", "Šokolaad.\n\nUus rida\nJäääär!"
    for side, text in zip(differing(first, second), (first, second), strict=True):
        assert "".join(stretch for _, stretch in side) == text


def test_what_is_on_one_side_only_is_marked_whole_and_what_is_on_none_is_left_out() -> None:
    before = {"question": "Kas?", "answer": "Jah."}
    steps = [{"id": "a", "text": "Kas läks?", "yes": "c", "no": "b"}, {"id": "b", "text": "Uuesti."}, {"id": "c", "text": "Tore.", "end": True}]
    fields = {one["field"]: one for one in compared(before, before | {"steps": steps})}
    assert list(fields) == ["question", "answer", "steps"]
    assert fields["steps"]["first"] == []
    assert fields["steps"]["second"] == [["ins", "1. Kas läks? (✓ → 3, ✗ → 2)\n2. Uuesti.\n3. Tore. ■"]]


def test_a_very_long_change_is_marked_whole_and_not_word_by_word() -> None:
    assert differing("a " * 5_000, "b") == ([["del", "a " * 5_000]], [["ins", "b"]])
