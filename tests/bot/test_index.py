from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.encoder import Vectors
from bot.faq.alignment import Alignment, Tokens
from bot.faq.facts import Centre, FactCache, Facts
from bot.faq.index import Index, Neighbours, Said, asked_tokens, asked_vector
from bot.faq.passages import Kind, passages_of
from bot.understanding import FaqEntry
from tests.bot.fake_encoder import WordEncoder

PARCEL = FaqEntry("pakk", "Kus on minu pakk?", "Jälgige saadetist kullerfirma lehel.")
INVOICE = FaqEntry("arve", "Kust leian arve?", "Arve saadame e-postile.", ("raamatupidaja küsib dokumenti",))


NOUGHT = np.zeros(WordEncoder.dim, np.float32)
NOWHERE = Centre(NOUGHT, NOUGHT, NOUGHT, NOUGHT)


def index_of(entries: list[FaqEntry], encoder: WordEncoder) -> Index:
    held = FactCache(encoder).read(entries, NOWHERE)
    return Index(held, NOWHERE, Said.of(held, WordEncoder.dim).mean(NOWHERE))


def asked(encoder: WordEncoder, text: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return asked_vector(encoder.queries([text])[0], NOWHERE)


def test_the_nearest_entry_is_the_one_that_shares_the_words(words_encoder: WordEncoder) -> None:
    index = index_of([PARCEL, INVOICE], words_encoder)
    found = index.by_entry(asked(words_encoder, "kus on pakk"))
    assert found.shape == (2, len(Kind) + 1)
    assert found[:, Kind.QUESTION].argmax() == 0
    assert index.by_entry(asked(words_encoder, "raamatupidaja dokumenti"))[:, Kind.EXAMPLE].argmax() == 1


def test_an_entry_without_examples_counts_its_question_as_one(words_encoder: WordEncoder) -> None:
    found = index_of([PARCEL, INVOICE], words_encoder).by_entry(asked(words_encoder, "kus on minu pakk"))
    assert found[0, Kind.EXAMPLE] == found[0, Kind.QUESTION]


def test_an_empty_index_finds_nothing(words_encoder: WordEncoder) -> None:
    assert index_of([], words_encoder).by_entry(asked(words_encoder, "kus")).shape == (0, len(Kind) + 1)


def test_neighbours_are_entries_the_nearest_first_and_no_more_than_there_are(words_encoder: WordEncoder) -> None:
    held = FactCache(words_encoder).read([PARCEL, INVOICE], NOWHERE)
    neighbours = Neighbours(held, NOWHERE)
    assert neighbours.nearest(asked(words_encoder, "kust leian arve"), 100).tolist() == [1, 0]
    assert neighbours.nearest(asked(words_encoder, "kus minu pakk on"), 1).tolist() == [0]


def many_facts(count: int, *, seed: int = 0, first: int = 0) -> list[Facts]:
    """Entries of two passages that lie in clusters, as those of a business do."""
    dice = np.random.default_rng(seed)
    centres = np.random.default_rng(7).normal(size=(200, WordEncoder.dim))
    vectors = centres[dice.integers(200, size=(count, 1))] + dice.normal(scale=0.6, size=(count, 2, WordEncoder.dim))
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    kinds = np.array([Kind.QUESTION, Kind.FULL], np.int8)
    (like,) = FactCache(WordEncoder()).read([PARCEL], NOWHERE)
    return [replace(like, entry=replace(PARCEL, id=f"e{first + row}"), vectors=both, kinds=kinds) for row, both in enumerate(vectors.astype(np.float32))]


def exactly(held: list[Facts], vector: Vectors, most: int) -> list[str]:
    best = np.array([(facts.vectors @ vector).max() for facts in held])
    return [held[row].entry.id for row in np.argsort(-best)[:most]]


def asked_near(held: list[Facts], count: int) -> list[Vectors]:
    dice = np.random.default_rng(3)
    rows = dice.choice(len(held), size=count, replace=False)
    near = [held[row].vectors[0] + dice.normal(scale=0.05, size=WordEncoder.dim) for row in rows]
    return [np.asarray(vector / np.linalg.norm(vector), dtype=np.float32) for vector in near]


def test_of_many_entries_the_ten_nearest_are_among_those_that_are_looked_at() -> None:
    held = many_facts(12_000)
    neighbours = Neighbours(held, NOWHERE)
    assert "IVF" in type(neighbours._searched.index).__name__
    met = [len(set(exactly(held, vector, 10)) & {held[row].entry.id for row in neighbours.nearest(vector, 48)}) for vector in asked_near(held, 200)]
    assert sum(met) / len(met) / 10 >= 0.99


@pytest.mark.parametrize("count", [600, 12_000])
def test_what_has_come_is_found_and_what_has_gone_is_not_as_if_all_were_put_in_anew(count: int) -> None:
    held = many_facts(count)
    neighbours = Neighbours(held, NOWHERE)
    now = [*held[:100], *many_facts(50, seed=5, first=count), *held[200:]]
    later = Neighbours(now, NOWHERE, before=neighbours)
    assert later._searched is neighbours._searched
    anew = Neighbours(now, NOWHERE)
    for vector in [*asked_near(held[100:200], 10), *asked_near(now[100:150], 10)]:
        found = {now[row].entry.id for row in later.nearest(vector, 48)}
        assert set(exactly(now, vector, 10)) <= found
        if count < 1_000:
            assert later.nearest(vector, 48).tolist() == anew.nearest(vector, 48).tolist()
    other = [*now[:10], *many_facts(count, seed=9, first=2 * count)]
    assert Neighbours(other, NOWHERE, before=later)._searched is not neighbours._searched


def test_when_nearly_all_is_gone_the_few_that_are_left_are_found() -> None:
    held = many_facts(700)
    left = Neighbours(held[:3], NOWHERE, before=Neighbours(held, NOWHERE))
    assert sorted(left.nearest(held[500].vectors[0], 48).tolist()) == [0, 1, 2]
    assert Neighbours([], NOWHERE, before=left).nearest(held[0].vectors[0], 48).tolist() == []


def test_an_entry_that_has_changed_is_read_anew_only_where_it_has(words_encoder: WordEncoder) -> None:
    cache = FactCache(words_encoder)
    cache.read([PARCEL, INVOICE])
    words_encoder.encoded.clear()
    changed = FaqEntry("arve", "Kust leian arve?", "Kontolt.")
    assert cache.lacking([PARCEL, changed]) == [changed]
    cache.read([PARCEL, changed])
    assert set(words_encoder.encoded) == {"Kust leian arve? Kontolt.", "Kontolt."}
    assert cache.lacking([changed]) == []


def test_facts_outlive_a_restart_unchanged(tmp_path: Path, words_encoder: WordEncoder) -> None:
    before = FactCache(words_encoder, tmp_path).read([PARCEL, INVOICE])
    again = WordEncoder()
    after = FactCache(again, tmp_path).read([PARCEL, INVOICE])
    assert again.encoded == []
    for one, other in zip(before, after, strict=True):
        assert (one.vectors == other.vectors).all()
        assert (one.whole["et"].steps == other.whole["et"].steps).all()
        assert one.wordings == other.wordings
        assert one.groups.ids.tolist() == other.groups.ids.tolist()


def test_a_draft_is_read_and_nothing_of_it_is_kept(tmp_path: Path, words_encoder: WordEncoder) -> None:
    cache = FactCache(words_encoder, tmp_path)
    cache.scratch().read([PARCEL])
    assert cache.lacking([PARCEL]) == [PARCEL]


def test_a_translation_is_found_and_its_tokens_are_compared_in_its_language(words_encoder: WordEncoder) -> None:
    entry = FaqEntry("arve", "Kust leian arve?", "Kontolt.", translations={"en": {"question": "Where is my invoice?", "answer": "In your account."}})
    assert {passage.language for passage in passages_of(entry)} == {"et", "en"}
    index = index_of([PARCEL, entry], words_encoder)
    tokens = asked_tokens(words_encoder.read_queries(["where is my invoice"])[0].tokens, NOWHERE)
    assert index.aligned(tokens, "en")[1, 0] > index.aligned(tokens, "et")[1, 0]


def test_alignment_is_the_mean_of_the_best_matches_both_ways() -> None:
    east, north = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    alignment = Alignment([(0, Tokens.of(np.stack([east, east]))), (1, Tokens.of(np.stack([east, north])))], 2)
    # Asked east and north: the first entry meets one of two, the second both. Back: all of both entries' tokens are met.
    assert alignment.scores(np.stack([east, north])) == pytest.approx(np.array([[0.5, 1.0], [1.0, 1.0]]))


def test_vectors_of_another_encoder_are_thrown_away(tmp_path: Path, words_encoder: WordEncoder) -> None:
    FactCache(words_encoder, tmp_path).read([PARCEL])
    other = WordEncoder()
    other.name = "another"
    FactCache(other, tmp_path).read([PARCEL])
    again = WordEncoder()
    FactCache(again, tmp_path).read([PARCEL])
    assert other.encoded
    assert again.encoded


@pytest.mark.parametrize("name", ["vectors3.db", "words1.db"])
def test_a_broken_cache_is_begun_anew(tmp_path: Path, words_encoder: WordEncoder, name: str) -> None:
    (tmp_path / name).write_bytes(b"no database at all, but long enough to be looked at" * 40)
    FactCache(words_encoder, tmp_path).read([PARCEL])
    again = WordEncoder()
    FactCache(again, tmp_path).read([PARCEL])
    assert again.encoded == []
