from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.adapter import DEFAULT_ADAPTER, Adapter, AdapterUnreadable

RNG = np.random.default_rng(1)
SMALL = Adapter({"l0.q.w": RNG.normal(size=(2, 8)).astype(np.float32)}, {"l0.q.w": RNG.normal(size=(6, 2)).astype(np.float32)}, np.eye(4, 8, dtype=np.float32))


def test_a_change_is_the_product_of_its_two_thin_matrices() -> None:
    change = SMALL.change("l0.q.w")
    assert change is not None
    assert change.shape == (6, 8)
    assert np.linalg.matrix_rank(change) == 2
    assert SMALL.change("l0.k.w") is None


def test_what_was_saved_is_loaded_and_saving_again_gives_the_same_bytes(tmp_path: Path) -> None:
    SMALL.save(tmp_path / "one.npz")
    again = Adapter.load(tmp_path / "one.npz")
    again.save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert again.up["l0.q.w"] == pytest.approx(SMALL.up["l0.q.w"], abs=0.02)
    assert again.down["l0.q.w"] == pytest.approx(SMALL.down["l0.q.w"], abs=0.02)
    assert again.tokens.tolist() == SMALL.tokens.tolist()


def test_another_change_is_another_fingerprint() -> None:
    other = Adapter(SMALL.down, {"l0.q.w": SMALL.up["l0.q.w"] + 1}, SMALL.tokens)
    assert other.fingerprint != SMALL.fingerprint


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04broken"])
def test_a_broken_file_is_named_with_the_mend(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "adapter.npz"
    path.write_bytes(content)
    with pytest.raises(AdapterUnreadable, match=r"adapter\.npz.*abiline train --encoder"):
        Adapter.load(path)


def test_a_byte_gone_bad_in_the_middle_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "adapter.npz"
    SMALL.save(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(AdapterUnreadable):
        Adapter.load(path)


def test_the_shipped_adapter_is_small_and_changes_every_layer() -> None:
    shipped = Adapter.load()
    assert DEFAULT_ADAPTER.stat().st_size < 2_000_000
    assert {name.split(".")[0] for name in shipped.up} == {f"l{layer}" for layer in range(12)}
