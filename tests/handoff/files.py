"""Files that people send: small, real, and hostile ones."""

from __future__ import annotations

import io
import zipfile

from PIL import Image

EXIF_GPS, EXIF_MAKER = 0x8825, 0x010F
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!doctype html><script>alert(1)</script>"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (640, 480), color: str = "#2457d6") -> bytes:
    """A picture of one colour. A JPEG says where it was taken and by which camera."""
    made = Image.new("RGB", size, color)
    packed = io.BytesIO()
    if kind == "JPEG":
        exif = Image.Exif()
        exif[EXIF_MAKER] = "Salakaamera"
        exif.get_ifd(EXIF_GPS)[1] = "N"
        made.save(packed, kind, exif=exif, comment=b"salasona")
    else:
        made.save(packed, kind)
    return packed.getvalue()


def moving_picture() -> bytes:
    """A GIF of two frames."""
    packed = io.BytesIO()
    first, second = (Image.new("RGB", (40, 30), color) for color in ("red", "blue"))
    first.save(packed, "GIF", save_all=True, append_images=[second], duration=80)
    return packed.getvalue()


def archive(**parts: bytes) -> bytes:
    """A ZIP archive; `__` in a name is a slash, `___` a dot."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("___", ".").replace("__", "/"), content)
    return packed.getvalue()


def word_document(*, macros: bool = False) -> bytes:
    parts = {"[Content_Types]___xml": b"<Types/>", "word__document___xml": b"<w/>"}
    return archive(**parts, **({"word__vbaProject___bin": b"x"} if macros else {}))


def open_document(media: str = "application/vnd.oasis.opendocument.text") -> bytes:
    return archive(mimetype=media.encode(), content___xml=b"<o/>")
