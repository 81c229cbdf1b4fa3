"""What is sealed opens with its key, for its place, whole; and never otherwise."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from handoff.errors import SettingsError, Unopenable
from handoff.vault import CHUNK, HEADER, TAG_BYTES, Vault, file_sealed_with, new_key, plain_size, read_keys

WORDS = "Mari Maasikas, šokolaad ja jäääär".encode()


@pytest.fixture
def vault() -> Vault:
    return Vault(new_key())


def sealed_file(vault: Vault, content: bytes, name: str = "fail") -> bytes:
    kept = io.BytesIO()
    vault.seal_file(name, io.BytesIO(content), kept)
    return kept.getvalue()


def opened_file(vault: Vault, sealed: bytes, name: str = "fail") -> bytes:
    return b"".join(vault.open_file(name, io.BytesIO(sealed)))


def test_what_is_sealed_opens_for_its_place(vault: Vault) -> None:
    sealed = vault.seal("event.body", WORDS)
    assert vault.knows(sealed)
    assert vault.open("event.body", sealed) == WORDS


def test_the_same_words_never_look_the_same_twice(vault: Vault) -> None:
    assert vault.seal("event.body", WORDS) != vault.seal("event.body", WORDS)


def test_what_was_sealed_for_another_place_does_not_open(vault: Vault) -> None:
    with pytest.raises(Unopenable, match=r"event\.hidden"):
        vault.open("event.hidden", vault.seal("event.body", WORDS))


def test_what_was_sealed_for_one_row_opens_in_no_other(vault: Vault) -> None:
    sealed = vault.seal("event.body", WORDS, "rida-1")
    assert vault.open("event.body", sealed, "rida-1") == WORDS
    for wrong in ("rida-2", ""):
        with pytest.raises(Unopenable, match=r"event\.body"):
            vault.open("event.body", sealed, wrong)
    with pytest.raises(Unopenable, match=r"event\.body"):
        vault.open("event.body", "~1." + sealed.removeprefix("~2."))


@pytest.mark.parametrize("place", [12, 20, -1])
def test_one_changed_letter_is_noticed(vault: Vault, place: int) -> None:
    sealed = list(vault.seal("event.body", WORDS * 2))
    sealed[place] = "A" if sealed[place] != "A" else "Q"
    with pytest.raises(Unopenable):
        vault.open("event.body", "".join(sealed))


def test_another_key_opens_nothing_and_the_needed_one_is_named(vault: Vault) -> None:
    with pytest.raises(Unopenable, match=vault.key_id):
        Vault(new_key()).open("event.body", vault.seal("event.body", WORDS))


def test_of_several_keys_the_first_seals_and_all_open() -> None:
    old, new = new_key(), new_key()
    before = Vault(old).seal("event.body", WORDS)
    both = Vault(f"{new},{old}")
    assert both.open("event.body", before) == WORDS
    assert Vault(new).open("event.body", both.seal("event.body", WORDS)) == WORDS


def test_a_running_house_follows_its_file_of_keys(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    file = tmp_path / "data.key"
    file.write_text(old)
    running = Vault(file=file)
    before = running.seal("event.body", WORDS)
    file.write_text(f"# the new one first\n{new}\n{old}\n")
    assert running.open("event.body", Vault(new).seal("event.body", WORDS)) == WORDS  # an unknown key makes it look at once
    assert running.key_id == Vault(new).key_id
    assert running.open("event.body", before) == WORDS


def test_a_file_of_keys_that_is_broken_while_serving_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "data.key"
    file.write_text(new_key())
    running = Vault(file=file)
    sealed = running.seal("event.body", WORDS)
    file.write_text("pole võti")
    with pytest.raises(Unopenable):
        running.open("event.body", Vault(new_key()).seal("event.body", WORDS))
    assert running.open("event.body", sealed) == WORDS


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(SettingsError, match="ABILINE_DATA_KEY"):
        Vault().seal("event.body", WORDS)


@pytest.mark.parametrize("written", ["", "# ainult märkus", "lühike", "A" * 44, "zz" * 32])
def test_what_is_no_key_is_refused_without_being_shown(written: str) -> None:
    with pytest.raises(SettingsError, match="ABILINE_DATA_KEY") as refused:
        read_keys(written)
    assert not written or written not in str(refused.value)


def test_a_key_may_be_written_in_hex_too() -> None:
    assert len(read_keys(f"{os.urandom(32).hex()} {new_key()}")) == 2


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_a_file_of_any_length_comes_back_whole(vault: Vault, size: int) -> None:
    content = os.urandom(size)
    sealed = sealed_file(vault, content)
    assert opened_file(vault, sealed) == content
    assert plain_size(len(sealed)) == size
    assert file_sealed_with(sealed[:HEADER]) == vault.key_id


def test_a_file_that_was_cut_off_mixed_up_or_renamed_does_not_open(vault: Vault) -> None:
    sealed = sealed_file(vault, os.urandom(3 * CHUNK))
    step = CHUNK + TAG_BYTES
    first, second = sealed[HEADER : HEADER + step], sealed[HEADER + step : HEADER + 2 * step]
    for broken in (sealed[:-step], sealed[:-1], sealed[:HEADER] + second + first + sealed[HEADER + 2 * step :], sealed[:10], b"ABL1"):
        with pytest.raises(Unopenable):
            opened_file(vault, broken)
    with pytest.raises(Unopenable):
        opened_file(vault, sealed, "teine")


def test_marks_are_equal_for_equal_words_and_tell_nothing_without_the_key(vault: Vault) -> None:
    assert vault.mark("word", "mari") == vault.mark("word", "mari")
    assert vault.mark("word", "mari") != vault.mark("email", "mari")
    assert vault.mark("word", "mari") != Vault(new_key()).mark("word", "mari")
