"""What is said as a tree of elements: all of an answer's Markdown, and nothing of what somebody smuggles into it."""

from __future__ import annotations

from typing import Any

import pytest

from handoff.elements import answer, words


def p(*children: Any) -> list[Any]:
    return ["p", {}, *children]


def link(address: str, *title: Any) -> list[Any]:
    return ["a", {"href": address}, *title]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Saate **14 päeva** *aega*.", [p("Saate ", ["strong", {}, "14 päeva"], " ", ["em", {}, "aega"], ".")]),
        ("Esimene\nteine.\n\nKolmas.", [p("Esimene", ["br", {}], "teine."), p("Kolmas.")]),
        ("## Nii **see** käib", [p(["strong", {}, "Nii ", ["strong", {}, "see"], " käib"])]),
        ("1. Avage\n2. Vajutage **Tagasta**\nValmis!", [["ol", {}, ["li", {}, "Avage"], ["li", {}, "Vajutage ", ["strong", {}, "Tagasta"]]], p("Valmis!")]),
        ("3) kolmas", [["ol", {"start": 3}, ["li", {}, "kolmas"]]]),
        ("• õun\n• jäääär", [["ul", {}, ["li", {}, "õun"], ["li", {}, "jäääär"]]]),
        ("Kood on `2*3*4`, ja 2*3*4.", [p("Kood on ", ["code", {}, "2*3*4"], ", ja 2*3*4.")]),
        ("Nii:\n```js\nlet a = 1; // **mitte** paks\nwww.naide.ee\n```", [p("Nii:"), ["pre", {}, ["code", {}, "let a = 1; // **mitte** paks\nwww.naide.ee"]]]),
        ("[konto](https://pood.ee/minu) www.pood.ee.", [p(link("https://pood.ee/minu", "konto"), " ", link("https://www.pood.ee", "www.pood.ee"), ".")]),
        ("[www.pood.ee](https://kuri.ee)", [p(link("https://kuri.ee", "www.pood.ee"))]),
        ("![Silt](/static/silt.png)", [p(["img", {"src": "/static/silt.png", "alt": "Silt"}])]),
        ("![Silt](http://naide.ee/silt.png)", [p(link("http://naide.ee/silt.png", "Silt"))]),
        ("![Silt](//naide.ee/silt.png)", [p("Silt")]),
        ("", []),
    ],
)
def test_an_answers_markdown_becomes_elements(text: str, tree: list[Any]) -> None:
    assert answer(text) == tree


@pytest.mark.parametrize("address", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//naide.ee", "x"])
def test_of_a_link_that_leads_elsewhere_its_words_stay(address: str) -> None:
    assert answer(f"[nõks]({address})") == [p("nõks")]
    assert answer(f"![nõks]({address})") == [p("nõks")]


def test_html_is_text() -> None:
    assert answer("<b>a</b> <img src=x onerror=alert(1)>") == [p("<b>a</b> <img src=x onerror=alert(1)>")]
    assert answer("<script>alert(1)</script>") == [p("<script>alert(1)</script>")]
    assert words("<b>a</b>") == ["<b>a</b>"]


def test_of_what_people_type_only_addresses_become_links() -> None:
    assert words("www.pood.ee/a, jaan@naide.ee, 5123 4567 ja **mitte** [siia](https://kuri.ee)!") == [
        link("https://www.pood.ee/a", "www.pood.ee/a"),
        ", ",
        link("mailto:jaan@naide.ee", "jaan@naide.ee"),
        ", ",
        link("tel:51234567", "5123 4567"),
        " ja **mitte** [siia](",
        link("https://kuri.ee", "https://kuri.ee"),
        ")!",
    ]
    assert words("Tere!\nkaks rida") == ["Tere!\nkaks rida"]


def test_a_wall_of_marks_is_read_in_no_time_and_loses_no_letter() -> None:
    """Nesting that is deeper than anyone writes stays text."""
    assert "õ" in str(answer("*" * 2_000 + "õ" + "[" * 2_000))
