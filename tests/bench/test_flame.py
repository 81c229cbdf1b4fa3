"""The flame graph: what py-spy says becomes a tree, shares and a picture."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from bench.flame import drawn, grown, shares, stacks

RAW = [
    "<module> (runpy.py:1);run (asyncio/runners.py:9);Doors.__call__ (handoff/doors.py:88);<lambda> (fastapi/routing.py:7) 30",
    "<module> (runpy.py:1);run (asyncio/runners.py:9);Doors.__call__ (handoff/doors.py:91) 10",
    'process 8:"worker";_bootstrap (threading.py:1);ask (bot/dialogue.py:4);run (onnxruntime/capi.py:3) 60',
    "_bootstrap (threading.py:1);Queue.get (queue.py:1);Condition.wait (threading.py:2) 999",
    "_bootstrap (threading.py:1);wait (threading.py:2) 999",
    'process 7:"abiline";_bootstrap (threading.py:1);BotApart._keep (bot/apart/parent.py:5);BotApart._listen (bot/apart/parent.py:9) 999',
]


def test_what_all_begin_with_and_what_waits_is_left_out() -> None:
    assert list(stacks(RAW)) == [
        (["Doors.__call__ (handoff/doors.py)", "<lambda> (fastapi/routing.py)"], 30),
        (["Doors.__call__ (handoff/doors.py)"], 10),
        (["ask (bot/dialogue.py)", "run (onnxruntime/capi.py)"], 60),
    ]


def test_a_look_belongs_to_the_innermost_kind_of_code() -> None:
    told = shares(stacks(RAW))
    assert (told["the encoder"], told["the web"], told["the house"]) == pytest.approx((0.6, 0.3, 0.1))
    assert sum(told.values()) == pytest.approx(1)


def test_a_box_is_as_wide_as_its_share_and_stands_below_its_caller() -> None:
    picture = ElementTree.fromstring(drawn(grown(stacks(RAW))))
    boxes = {}
    for group in picture.iter("{http://www.w3.org/2000/svg}g"):
        title, box = group[0].text or "", group[1]
        boxes[title] = (float(box.attrib["width"]), float(box.attrib["y"]))
    whole = 1200 - 2 * 8
    assert boxes["ask (bot/dialogue.py) 60.0%"][0] == pytest.approx(0.6 * whole - 0.5, abs=0.1)
    assert boxes["Doors.__call__ (handoff/doors.py) 40.0%"][0] == pytest.approx(0.4 * whole - 0.5, abs=0.1)
    assert boxes["<lambda> (fastapi/routing.py) 30.0%"][1] > boxes["Doors.__call__ (handoff/doors.py) 40.0%"][1]
