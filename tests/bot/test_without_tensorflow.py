"""The stand-in for TensorFlow: each case in a process of its own, since an import can't be undone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.commands, pytest.mark.load]
ROOT = Path(__file__).parents[2]


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_rasas_agent_is_imported_without_tensorflow() -> None:
    done = run(
        "from bot import without_tensorflow; without_tensorflow.install()\n"
        "import rasa.core.agent, sys\n"
        "assert not [name for name in sys.modules if name.startswith('tensorflow.python')], 'the real one was loaded'\n"
        "print('fine')"
    )
    assert done.stdout == "fine\n", done.stderr


def test_whoever_computes_with_the_stand_in_is_told_so() -> None:
    done = run(
        "from bot import without_tensorflow; without_tensorflow.install()\n"
        "import tensorflow as tf\n"
        "class Callback(tf.keras.callbacks.Callback): pass\n"
        "try: tf.constant(1)\n"
        "except without_tensorflow.TensorFlowNeeded as error: print(error)"
    )
    assert done.stdout.startswith("tensorflow.constant: TensorFlow is not loaded here"), done.stderr


def test_a_tensorflow_that_is_loaded_stays() -> None:
    done = run(
        "import sys, types; real = types.ModuleType('tensorflow'); sys.modules['tensorflow'] = real\n"
        "from bot import without_tensorflow; without_tensorflow.install()\n"
        "import tensorflow; print(tensorflow is real)"
    )
    assert done.stdout == "True\n", done.stderr


def test_the_stand_in_is_not_in_the_way_of_rasas_own_commands() -> None:
    """The components that `rasa train` loads do not install it."""
    done = run("import bot.components.support_decision, sys; print(any(type(f).__module__ == 'bot.without_tensorflow' for f in sys.meta_path))")
    assert done.stdout.endswith("False\n"), done.stderr
