"""Answers where nothing is formatted: as a person would have typed them."""

from __future__ import annotations

import pytest

from handoff.markdown import as_letter


@pytest.mark.parametrize(
    ("answer", "letter"),
    [
        ("Saate **14 päeva** *aega*.", "Saate 14 päeva aega."),
        ("Esimene.\n\nTeine\nrida.", "Esimene.\n\nTeine\nrida."),
        ("[oma tellimused](https://pood.ee/minu)", "oma tellimused (https://pood.ee/minu)"),
        ("[abi@pood.ee](mailto:abi@pood.ee), [helistage](tel:+3725123456)", "abi@pood.ee, helistage (+3725123456)"),
        ("Nii:\n\n1. Avage\n2. Valige\n   - punane\n   - sinine\n3. Saatke", "Nii:\n\n1. Avage\n2. Valige\n  • punane\n  • sinine\n3. Saatke"),
        ("# Pealkiri\n`kood` ja <b>märgid</b>", "Pealkiri\n\nkood ja <b>märgid</b>"),
        ("", ""),
    ],
)
def test_an_answer_becomes_what_a_person_would_type(answer: str, letter: str) -> None:
    assert as_letter(answer) == letter
