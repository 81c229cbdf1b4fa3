"""Draws a picture anew, so that only what can be seen is kept: no place, no camera, nothing hidden behind the picture.

The only file that imports Pillow.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, ImageSequence

from handoff.errors import Unreadable

MOST_PIXELS = 64_000_000  # of the picture that is sent; a decompression bomb has more
MOST_MOVING_PIXELS = 20_000_000  # of all frames together; past it a moving picture becomes a still one
LONGEST_SIDE = 4_096  # pixels of what is kept
PREVIEW_SIDE = 480
KINDS = ("JPEG", "PNG", "WEBP", "GIF")
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, Image.DecompressionBombError, Image.DecompressionBombWarning)

_one_at_a_time = threading.Lock()  # a picture may need some hundred megabytes while it is drawn


@dataclass(frozen=True)
class Picture:
    """Width and height in pixels, as it is shown."""

    width: int
    height: int


def redraw(source: Path, target: Path, preview: Path) -> Picture:
    """Draw `source` into `target`, of the same kind, and a small WebP into `preview`.

    Raises `Unreadable` with code `file_pixels` (in pixels) or `file_broken`.
    """
    with _one_at_a_time:
        try:
            with Image.open(source, formats=KINDS) as picture:
                return _draw(picture, target, preview)
        except BROKEN:
            raise Unreadable("The picture can't be read.", code="file_broken", field="file") from None


def _draw(picture: Image.Image, target: Path, preview: Path) -> Picture:
    kind = picture.format or ""
    if picture.width * picture.height > MOST_PIXELS:
        raise Unreadable(f"The picture has more than {MOST_PIXELS} pixels.", code="file_pixels", field="file")
    frames = getattr(picture, "n_frames", 1) if kind in ("GIF", "WEBP") else 1
    moving = 1 < frames <= MOST_MOVING_PIXELS // (picture.width * picture.height)
    if moving:
        first = _move(picture, target, kind)
    else:
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is read at a smaller scale at once
        first = _bare(ImageOps.exif_transpose(picture), kind)
        first.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        first.save(target, kind, quality=88) if kind in ("JPEG", "WEBP") else first.save(target, kind)
    small = first.convert("RGBA" if first.has_transparency_data else "RGB")
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    small.save(preview, "WEBP", quality=75)
    return Picture(first.width, first.height)


def _move(picture: Image.Image, target: Path, kind: str) -> Image.Image:
    """Every frame anew; gives the first."""
    frames, times = [], []
    for frame in ImageSequence.Iterator(picture):
        times.append(frame.info.get("duration", 100))
        frames.append(_bare(frame.convert("RGBA"), kind, moving=True))
    frames[0].save(target, kind, save_all=True, append_images=frames[1:], duration=times, loop=0)
    return frames[0]


def _bare(picture: Image.Image, kind: str, *, moving: bool = False) -> Image.Image:
    """The pixels alone, in a mode that every browser shows."""
    if kind == "JPEG":
        mode = "L" if picture.mode == "L" else "RGB"
    else:
        mode = "RGBA" if moving or picture.has_transparency_data else "L" if picture.mode in ("1", "L") else "RGB"
    bare = picture.convert(mode) if picture.mode != mode else picture.copy()
    bare.info.clear()
    return bare
