from __future__ import annotations

import pytest

from bot.entities import find, mask


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tellimus 12345 pole jõudnud", "12345"), ("tellimuse number on 778899", "778899"), ("#A10293 kus see on", "A10293"),
        ("saadetis LP123456789EE", "LP123456789EE"), ("my order 55512 is late", "55512"), ("заказ № 45678", "45678"),
    ],
)  # fmt: skip
def test_an_order_number_is_found_with_its_place(text: str, value: str) -> None:
    (entity,) = find(text)
    assert (entity.kind, entity.value) == ("order_number", value)
    assert text[entity.start : entity.end].upper() == value


def test_addresses_and_phones_are_found_in_their_plain_form() -> None:
    found = {entity.kind: entity.value for entity in find("Mari.Tamm@example.ee või 5555 1234")}
    assert found == {"email": "mari.tamm@example.ee", "phone": "+37255551234"}


def test_prices_dates_and_years_are_nothing() -> None:
    assert find("Maksin 129,90 eurot 03.12.2025 ja ootan 2 nädalat") == ()


def test_what_identifies_a_person_is_masked_and_the_order_stays() -> None:
    text = "Mari, 49403136515, EE382200221020145685, 4111 1111 1111 1111, +372 5555 1234, mari@example.ee, tellimus 123456"
    assert mask(text) == "[nimi], [isikukood], [kontonumber], [kaardinumber], [telefon], [e-post], tellimus 123456"


def test_a_number_with_a_wrong_check_digit_is_no_identity_code() -> None:
    assert "isikukood" not in mask("kood 49403136516")


def test_a_text_without_personal_data_is_unchanged() -> None:
    assert mask("Kus mu pakk on?") == "Kus mu pakk on?"


def test_a_long_message_about_an_order_number_is_read_at_once() -> None:
    """There is one way to read it; with two for each word it would take years."""
    assert find("tellimus " + "kood" * 900 + "!") == ()
    assert [entity.value for entity in find("tellimuse kood on nr. 12345")] == ["12345"]
