"""The plug-in for WordPress, run by the real PHP: what it signs is what the service reads."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from handoff.conversations import identity
from handoff.errors import Unreadable

PLUGIN = Path(__file__).parent.parent / "platforms" / "wordpress" / "abiline.php"
DESCRIPTION = Path(__file__).parent.parent / "docs" / "sites.md"
SECRET = "väga-pikk-saladus-mida-keegi-teine-ei-tea"
LONE = "define('ABSPATH', '/'); function add_action($hook, $what) {} "

pytestmark = pytest.mark.skipif(shutil.which("php") is None, reason="PHP is not installed")


def run(code: str, *told: str) -> str:
    """What the plug-in prints, with the file and these words as the script's own."""
    done = subprocess.run(["php", "-r", f"{LONE} require $argv[1]; {code}", "--", str(PLUGIN), *told], capture_output=True, text=True, check=True)
    return done.stdout


def signed(name: str, secret: str, moment: int) -> str:
    return run("echo abiline_token('42', $argv[2], null, $argv[3], (int) $argv[4]);", name, secret, str(moment))


def snippets(language: str) -> list[str]:
    """The code of this language in the description."""
    return re.findall(rf"^```{language}\n(.*?)^```$", DESCRIPTION.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", ["Mari Mägi-Õunapuu", '</script><b>"Mari"', "Мария"])
def test_the_service_knows_whom_wordpress_has_signed(name: str) -> None:
    person = identity.read(signed(name, SECRET, int(time.time())), SECRET)

    assert (person.subject, person.name, person.orders) == ("42", name, None)


def test_a_token_of_another_secret_or_an_old_page_is_refused() -> None:
    moment = int(time.time())
    for token, code in ((signed("Mari", "x" * 32, moment), "identity_wrong"), (signed("Mari", SECRET, moment - 7200), "identity_expired")):
        with pytest.raises(Unreadable) as refusal:
            identity.read(token, SECRET)
        assert refusal.value.code == code


@pytest.mark.parametrize(("kept", "used"), [("short", ""), (SECRET, SECRET)])
def test_a_secret_that_is_too_short_signs_nothing(kept: str, used: str) -> None:
    assert run("function get_option($name, $else) { global $argv; return $argv[2]; } echo abiline_secret();", kept) == used


def test_an_empty_field_keeps_the_secret() -> None:
    code = "function get_option($name, $else) { return 'kept'; } echo json_encode([abiline_kept_secret(' '), abiline_kept_secret('new')]);"
    assert json.loads(run(code)) == ["kept", "new"]


WOOCOMMERCE = """
    function get_transient($name) { global $kept; return $kept[$name] ?? false; }
    function set_transient($name, $value, $seconds) { global $kept; $kept[$name] = $value; }
    function apply_filters($name, $value) { return array_merge($value, ['pakitud']); }
    class Order { public function __construct(public $number) {} function get_order_number() { return $this->number; } }
    function wc_get_orders($wanted) { global $asked; $asked[] = $wanted; return [new Order('10023'), new Order('A-7/õ')]; }
"""


def test_the_open_orders_of_a_shop_go_along_and_are_looked_up_once_a_minute() -> None:
    code = WOOCOMMERCE + "abiline_orders(42); echo json_encode([abiline_token('42', 'Mari', abiline_orders(42), $argv[2], (int) $argv[3]), $asked]);"
    token, asked = json.loads(run(code, SECRET, str(int(time.time()))))

    assert identity.read(token, SECRET).orders == ("10023", "A-7/õ")
    (wanted,) = asked
    assert (wanted["customer_id"], wanted["limit"], wanted["status"]) == (42, 20, ["pending", "on-hold", "processing", "pakitud"])


def test_a_customer_without_open_orders_has_none_and_a_site_without_a_shop_says_nothing_of_them() -> None:
    empty = WOOCOMMERCE.replace("[new Order('10023'), new Order('A-7/õ')]", "[]")
    say = "echo abiline_token('42', 'Mari', abiline_orders(42), $argv[2], (int) $argv[3]);"
    orders = [identity.read(run(code + say, SECRET, str(int(time.time()))), SECRET).orders for code in (empty, "")]
    assert orders == [(), None]


def test_what_the_description_signs_in_each_language_is_what_the_service_reads(tmp_path: Path) -> None:
    told = ["42", "Mari Mägi", SECRET]
    (python,), (node,) = snippets("python"), snippets("js")
    php = next(one for one in snippets("php") if "function signed" in one)
    room: dict[str, Any] = {}
    exec(python, room)
    tokens = [room["signed"]("42", "Mari Mägi", ["10023"], SECRET)]
    programs = [(["php", "-r"], php + "echo signed($argv[1], $argv[2], ['10023'], $argv[3]);", ["--"])]
    if shutil.which("node"):
        programs.append((["node", "-e"], node + "const [c, n, s] = process.argv.slice(1); process.stdout.write(signed(c, n, ['10023'], s));", ["--"]))
    for program, code, end in programs:
        tokens.append(subprocess.run([*program, code, *end, *told], capture_output=True, text=True, check=True).stdout)

    for token in tokens:
        person = identity.read(token, SECRET)
        assert (person.subject, person.name, person.orders) == ("42", "Mari Mägi", ("10023",))


def test_every_piece_of_code_in_the_description_is_tried_or_at_least_read() -> None:
    assert set(re.findall(r"^```(\w+)$", DESCRIPTION.read_text(encoding="utf-8"), re.MULTILINE)) == {"html", "php", "python", "js"}
    for code in snippets("php"):
        subprocess.run(["php", "-l"], input=f"<?php {code}", capture_output=True, text=True, check=True)
    for code in snippets("html"):
        assert re.fullmatch(r'<script( src="https://[a-z-]+/widget\.js" async>|>\(window\.abiline = [^<>]+;)</script>', code.strip())


@pytest.mark.parametrize("logged_in", [True, False])
def test_the_footer_says_who_is_logged_in_and_nothing_leaves_its_script(logged_in: bool) -> None:
    wordpress = (
        """
    function get_option($name, $else) { global $argv; return $name === 'abiline_secret' ? $argv[2] : 'https://abi.naide.ee'; }
    function is_user_logged_in() { global $argv; return $argv[3] === '1'; }
    function wp_get_current_user() { return (object) ['ID' => 42, 'display_name' => '</script>Mari']; }
    function wp_json_encode($value, $flags) { return json_encode($value, $flags); }
    function esc_url($address) { return $address; }
    function wp_print_inline_script_tag($script) { echo $script, "\\n"; }
    function wp_print_script_tag($attributes) { echo $attributes['src']; }
    abiline_footer();
    """
        + WOOCOMMERCE
    )
    said, source = run(wordpress, SECRET, "1" if logged_in else "").splitlines()
    call = json.loads(said.partition(".push(")[2].removesuffix(");"))

    assert source == "https://abi.naide.ee/widget.js"
    assert "</script>" not in said
    assert call[0] == "identify"
    if logged_in:
        person = identity.read(call[1], SECRET)
        assert (person.name, person.orders) == ("</script>Mari", ("10023", "A-7/õ"))
    else:
        assert call[1] is None
