from __future__ import annotations

import pytest

from bot.language import detect


@pytest.mark.parametrize("text", ["tere", "kus mu pakk on", "tagastamine", "pole joudnud", "arve", "tänan", "kas saadate Soome ka?"])
def test_estonian_is_told_from_few_words(text: str) -> None:
    assert detect(text) == "et"


@pytest.mark.parametrize("text", ["hello", "where is my parcel?", "i want to return shoes", "refund please", "thank you", "my address is jüri.õun@näide.ee"])
def test_english_is_told_from_few_words(text: str) -> None:
    assert detect(text) == "en"


@pytest.mark.parametrize("text", ["где мой заказ?", "спасибо", "Omniva не работает"])
def test_russian_is_told_by_its_letters(text: str) -> None:
    assert detect(text) == "ru"


@pytest.mark.parametrize("text", ["ok", "tracking", "12345", "PIN", "😡", "", "Smart-ID", "mari@näide", "mari.kask@pood.ee", "https://pood.ee/tooted"])
def test_what_says_nothing_about_the_language_stays_undecided(text: str) -> None:
    assert detect(text) is None
