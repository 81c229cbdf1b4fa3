"""The widget stays small, and what browsers get is what was written."""

from __future__ import annotations

import gzip
import re

import brotli
import pytest
from fastapi.testclient import TestClient

from handoff.widget.bundle import bundle
from handoff.widget.scripts import BUDGET, Scripts, inside_shadow
from tools import widget_size


def test_the_whole_widget_fits_into_its_budget() -> None:
    sizes = Scripts().sizes()
    assert sum(sizes.values()) <= BUDGET, sizes


def test_the_check_prints_every_part_and_refuses_what_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert widget_size.main(budget=20_000) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in Scripts().files)
    assert widget_size.main(budget=1_000) == 1
    assert "over" in capsys.readouterr().out


def test_long_names_and_comments_stay_at_home() -> None:
    module = Scripts().files["main.js"].content.decode()
    assert module.startswith("export const{start}=")
    assert "kindOfDevice" not in module
    assert "\n//" not in module


def test_the_loader_names_a_module_that_is_kept_for_ever(client: TestClient) -> None:
    loader = client.get("/widget.js")
    version = re.search(r"widget/(\w{12})/main\.js", loader.text)
    assert version, loader.text
    module = client.get(f"/widget/{version[1]}/main.js")
    assert module.status_code == 200
    assert module.headers["content-type"].startswith("text/javascript")
    assert "immutable" in module.headers["cache-control"]
    assert "immutable" not in loader.headers["cache-control"]


def test_a_page_from_before_an_upgrade_still_gets_its_files(client: TestClient) -> None:
    answer = client.get("/widget/000000000000/main.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


def test_a_file_that_is_not_the_widgets_is_not_given(client: TestClient) -> None:
    for name in ("routes.py", "chat.js", "style.css", "..%2froutes.py"):
        assert client.get(f"/widget/000000000000/{name}").status_code == 404


def test_a_browser_that_has_the_file_gets_it_once(client: TestClient) -> None:
    first = client.get("/widget.js")
    again = client.get("/widget.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_compressed_and_plain_are_the_same() -> None:
    for script in Scripts().files.values():
        assert brotli.decompress(script.packed) == gzip.decompress(script.zipped) == script.content


def test_a_browser_gets_the_shortest_form_it_takes(client: TestClient) -> None:
    for accepted, encoding in (("gzip, deflate, br, zstd", "br"), ("gzip;q=1.0, deflate", "gzip"), ("identity", None)):
        answer = client.get("/widget.js", headers={"Accept-Encoding": accepted})
        assert answer.headers.get("content-encoding") == encoding
        assert "Accept-Encoding" in answer.headers["vary"]


def test_no_html_is_made_from_strings() -> None:
    for name, script in Scripts().files.items():
        assert not re.search(rb"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", script.content), name


def test_modules_are_joined_in_the_order_of_their_needs() -> None:
    modules = {"main.js": 'import { b } from "./b.js";\nexport const a = b + 1;\n', "b.js": "// why\nexport const b = 1;\n"}
    assert bundle(modules, "main.js") == "export const { a } = (() => {\n// why\nconst b = 1;\nconst a = b + 1;\nreturn { a };\n})();\n"


def test_two_modules_with_the_same_name_in_them_are_refused() -> None:
    modules = {"main.js": 'import { b } from "./b.js";\nconst same = b;\n', "b.js": "const same = 1;\nexport const b = same;\n"}
    with pytest.raises(ValueError, match="same"):
        bundle(modules, "main.js")


def test_modules_in_a_circle_are_refused() -> None:
    modules = {"main.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./main.js";\n'}
    with pytest.raises(ValueError, match="circle"):
        bundle(modules, "main.js")


def test_the_tokens_move_inside_where_the_host_page_can_not_reach_and_only_those_that_are_used() -> None:
    tokens = ':root, :host { --a: 1; --b: 2; }\n:root:not([data-theme="light"]), :host(:not([data-theme="light"])) { --a: 2; --b: 3; }'
    inside = inside_shadow(tokens, "p { margin: var(--a); }")
    assert " ".join(inside.split()) == '.abiline { --a: 1; } .abiline:not([data-theme="light"]) { --a: 2; }p { margin: var(--a); }'
