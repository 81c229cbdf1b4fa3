"""Pictures are drawn anew, without what hides in them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from handoff.conversations import pictures
from handoff.errors import Unreadable
from tests.handoff import files


def drawn(tmp_path: Path, content: bytes) -> tuple[pictures.Picture, Path, Path]:
    source, target, preview = tmp_path / "tulnud", tmp_path / "uus", tmp_path / "vaike"
    source.write_bytes(content)
    return pictures.redraw(source, target, preview), target, preview


def test_a_photo_loses_where_and_with_what_it_was_taken(tmp_path: Path) -> None:
    content = files.picture("JPEG") + b"<script>peidetud</script>"
    assert b"Salakaamera" in content
    _picture, target, preview = drawn(tmp_path, content)
    for path in (target, preview):
        kept = path.read_bytes()
        assert [word for word in (b"Salakaamera", b"salasona", b"peidetud", b"Exif") if word in kept] == []
        with Image.open(path) as again:
            assert len(again.getexif()) == 0


def test_a_photo_held_sideways_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    packed = io.BytesIO()
    Image.new("RGB", (640, 480)).save(packed, "JPEG", exif=exif)
    assert drawn(tmp_path, packed.getvalue())[0] == pictures.Picture(480, 640)


def test_a_preview_is_small_and_the_picture_stays_as_it_is(tmp_path: Path) -> None:
    picture, target, preview = drawn(tmp_path, files.picture("PNG", size=(1200, 900)))
    with Image.open(target) as large, Image.open(preview) as small:
        assert (picture.width, large.size, large.format) == (1200, (1200, 900), "PNG")
        assert (small.size, small.format) == ((480, 360), "WEBP")


def test_a_moving_picture_goes_on_moving(tmp_path: Path) -> None:
    _picture, target, _preview = drawn(tmp_path, files.moving_picture())
    with Image.open(target) as again:
        assert (again.format, getattr(again, "n_frames", 1)) == ("GIF", 2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_a_picture_of_any_kind_of_colour_is_drawn(tmp_path: Path, mode: str) -> None:
    packed = io.BytesIO()
    Image.new(mode, (30, 20)).save(packed, "JPEG" if mode == "CMYK" else "PNG")
    assert drawn(tmp_path, packed.getvalue())[0] == pictures.Picture(30, 20)


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_read(tmp_path: Path) -> None:
    packed = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(packed, "PNG")
    with pytest.raises(Unreadable) as refused:
        drawn(tmp_path, packed.getvalue())
    assert refused.value.code == "file_pixels"


@pytest.mark.parametrize("content", [files.picture("PNG")[:60], b"\x89PNG\r\n\x1a\n" + files.HTML, files.picture("JPEG")[:200], b"GIF89a" + files.HTML])
def test_a_broken_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        drawn(tmp_path, content)
    assert refused.value.code == "file_broken"
