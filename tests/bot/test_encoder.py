from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot import e5
from bot.encoder import EncoderMissing, OnnxEncoder, load_encoder
from bot.export import ExportFailed, export_encoder, kept_pieces


def test_vectors_have_length_one_and_the_promised_size(real_encoder: OnnxEncoder) -> None:
    vectors = real_encoder.queries(["kus mu pakk on", "šokolaad, öötöö ja jäääär"])
    assert vectors.shape == (2, real_encoder.dim)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-4)


def test_no_texts_make_no_vectors(real_encoder: OnnxEncoder) -> None:
    assert real_encoder.queries([]).shape == (0, real_encoder.dim)


def test_a_text_reads_the_same_alone_and_among_longer_ones(real_encoder: OnnxEncoder) -> None:
    alone = real_encoder.passages(["Arve"])[0]
    long = "Saadame arve teie e-postile kohe pärast maksmist, kui olete selle valinud."
    for others in ([long], [long] * 8):
        assert (real_encoder.passages(["Arve", *others])[0] == alone).all()


def test_an_estonian_and_a_russian_question_lie_nearest_to_their_own_passage(real_encoder: OnnxEncoder) -> None:
    asked = real_encoder.queries(["Millal raha tagasi laekub?", "Где мой заказ?"])
    said = real_encoder.passages(["Raha kanname tagasi 14 päeva jooksul.", "Tellimuse asukohta näete jälgimislehelt."])
    assert (asked @ said.T).argmax(axis=1).tolist() == [0, 1]


def test_a_very_long_story_is_cut_and_still_read(real_encoder: OnnxEncoder) -> None:
    reading = real_encoder.read_queries(["Ostsin eile diivani ja täna on see katki. " * 200])[0]
    assert 0 < len(reading.tokens) <= 192


def test_tokens_are_those_of_the_text_without_prefix_and_marks(real_encoder: OnnxEncoder) -> None:
    query, passage = real_encoder.read_queries(["arve"])[0], real_encoder.read_passages(["arve"])[0]
    assert len(query.tokens) == len(passage.tokens) <= 2


def test_a_missing_encoder_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match="abiline train"):
        load_encoder(tmp_path)


def test_a_broken_encoder_says_what_to_run(tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    folder.mkdir()
    for name in ("about.json", "tokenizer.json", "model.onnx"):
        (folder / name).write_text("{", encoding="utf-8")
    with pytest.raises(EncoderMissing, match="abiline train"):
        load_encoder(tmp_path)


def test_a_file_that_is_no_encoder_is_refused_by_name(tmp_path: Path) -> None:
    source = tmp_path / "e5.bin"
    source.write_bytes(b"nothing")
    with pytest.raises(ExportFailed, match=r"e5\.bin"):
        export_encoder(tmp_path / "encoder", source=source)


def test_the_vocabulary_keeps_latin_cyrillic_and_emoji_and_drops_other_scripts() -> None:
    pieces = [(text, 0.0) for text in ("<s>", "<pad>", "</s>", "<unk>", "▁õun", "▁заказ", "😡", "蜘", "ấ", "…")]
    assert [pieces[index][0] for index in kept_pieces(pieces)] == ["<s>", "<pad>", "</s>", "<unk>", "▁õun", "▁заказ", "😡", "ấ", "…"]


def test_four_bit_weights_become_numbers_again() -> None:
    nibbles = (np.arange(32)[None] % 16).astype(np.uint8)
    matrix = e5.Matrix(nibbles, np.array([[0.5]], dtype=np.float32))
    assert matrix.floats()[0, :3].tolist() == [-4.0, -3.5, -3.0]
