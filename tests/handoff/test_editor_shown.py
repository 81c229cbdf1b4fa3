"""What Liis sees while she writes is what the chat will show, pictures that she uploads included."""

from __future__ import annotations

import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from handoff.editor.content import Form
from handoff.editor.shown import preview_view
from tests.handoff.conftest import LogIn

WRITTEN: dict[str, Any] = {
    "question": "Kuidas tagastada?",
    "answer": "Nii:",
    "steps": [{"id": "a", "text": "Pakkige."}, {"id": "b", "text": " "}],
    "buttons": [{"title": "Tarneaeg", "entry": "tarne"}, {"title": "Leht", "url": "https://pood.example"}],
    "translations": {"en": {"question": "How?", "answer": "So:", "steps": {"a": "Pack."}, "buttons": ["Delivery"]}},
    "valid_from": "2026-",
}


def test_a_preview_has_steps_and_buttons_in_each_language_that_is_written() -> None:
    shown = preview_view(Form.model_validate(WRITTEN))
    assert shown["et"]["shown"][1] == ["ol", {}, ["li", {}, "Pakkige."]]
    assert (shown["en"]["question"], shown["en"]["buttons"]) == ("How?", ["Delivery"])
    assert shown["en"]["shown"][1] == ["ol", {}, ["li", {}, "Pack."]]
    assert shown["ru"] == {"question": "", "shown": [], "buttons": []}


def test_a_preview_of_nothing_is_empty_and_a_script_stays_text() -> None:
    assert preview_view(Form())["et"]["shown"] == []
    shown = preview_view(Form(answer="<script>alert(1)</script> [x](javascript:alert(1))"))["et"]["shown"]
    assert shown == [["p", {}, "<script>alert(1)</script> ", "x"]]


@pytest.fixture
def picture() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (32, 16), "navy").save(drawn, "PNG")
    return drawn.getvalue() + b"<script>"


def test_an_uploaded_picture_is_drawn_anew_and_public_by_its_address(log_in: LogIn, picture: bytes) -> None:
    liis = log_in("liis")
    kept = liis.post("/api/editor/pictures", content=picture).json()
    assert (kept["width"], kept["height"]) == (32, 16)
    liis.cookies.clear()
    given = liis.get(kept["address"])
    assert (given.status_code, given.headers["content-type"], given.headers["x-content-type-options"]) == (200, "image/png", "nosniff")
    assert b"<script>" not in given.content
    assert "immutable" in given.headers["cache-control"]

    assert liis.get("/pictures/../abiline.db").status_code == 404
    assert liis.get(f"{kept['address']}.webp").status_code == 404


def test_what_is_no_picture_and_who_is_no_editor_is_refused(log_in: LogIn, client: TestClient, picture: bytes) -> None:
    refused = log_in("liis").post("/api/editor/pictures", content=b"%PDF-1.7 pole pilt")
    assert (refused.status_code, refused.json()["code"]) == (422, "file_type")
    assert log_in("jaan").post("/api/editor/pictures", content=picture).status_code == 403
    client.cookies.clear()
    assert client.post("/api/editor/pictures", content=picture).status_code == 401
