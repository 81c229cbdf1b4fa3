"""Passwords that are guessed first are refused, whatever stands around them; long ones of one's own are not."""

from __future__ import annotations

import pytest

from handoff.accounts import common, passwords
from handoff.accounts.common import is_common
from handoff.errors import Unreadable

REFUSED = (
    *("password123", "Passw0rd2026!", "p@ssw0rd!!", "PASSWORDPASSWORD", "letmein12345", "iloveyou2024", "Sunshine1985", "liverpool123", "changeme!!"),
    *("parool12345", "Parool2026!", "paroolparool", "parool-parool", "P4r00l1234", "Maasikas2026", "minuparool1", "šokolaad123", "Armastus!!!!", "Kalevipoeg1"),
    *("Tallinn2026!", "tartutartu", "2026Pärnu2026", "Kristiina1985", "Aleksander1!", "Ivanov123456", "reede12345", "September2026"),
    *(
        "1234567890",
        "0987654321",
        "123456123456",
        "1111111111",
        "121212121212",
        "qwertyuiop",
        "Qwerty12345",
        "1qaz2wsx3edc",
        "asdfghjkl123",
        "qweasdzxc1",
        "zyxwvutsrq",
    ),
    *("йцукенгшщз", "пароль12345", "gfhjkm12345", "любовь2026", "abcabcabcabc", "aaaaaaaaaaaa", "mari.maasikas", "Maasikas-2026"),
)
TAKEN = (
    *(
        "kodukaup-proov",
        "hommikune praam ootas",
        "kolm rohelist teekannu",
        "viiul kapi otsas 7",
        "correct horse battery",
        "Xk7#pLw92qVz",
        "tuul ja tass",
        "lumine-kamin-tiib",
    ),
    *("vihmane silla all", "зонт под зелёным мостом", "täpiline kannel", "kassikoerapuder8x", "9Zt-41-qMMa"),
)


@pytest.mark.parametrize("password", REFUSED)
def test_a_password_that_is_guessed_first_is_refused(password: str) -> None:
    assert len(password) >= passwords.SHORTEST
    with pytest.raises(Unreadable) as refused:
        passwords.hashed(password, about=("mari.maasikas", "Mari Maasikas"))
    assert (refused.value.code, refused.value.field) == ("common_password", "password")
    assert password not in refused.value.message


@pytest.mark.parametrize("password", TAKEN)
def test_a_password_of_one_s_own_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert not is_common(password, about=("mari.maasikas", "Mari Maasikas"))


def test_what_is_refused_are_far_more_than_ten_thousand() -> None:
    words = common._words()
    assert len(words) >= 2_000
    tried = (f"{word}{end}" for word in sorted(words) for end in ("2026!", "12345", "1985-2026", "!!!!!!!"))
    assert sum(is_common(password) for password in tried) == 4 * len(words)


def test_the_person_s_own_name_is_no_password() -> None:
    assert is_common("Täpimetsa2026", about=("kati", "Kati Täpimetsa"))
    assert not is_common("Täpimetsa2026")
