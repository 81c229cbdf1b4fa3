"""Import this before Rasa: loads it as our own process does, without TensorFlow and without its import warnings."""

from __future__ import annotations

from bot import without_tensorflow
from bot.quiet import hush, without_import_warnings

without_tensorflow.install()
hush()
with without_import_warnings():
    import rasa.core.agent
    import rasa.engine.recipes.default_recipe  # noqa: F401
