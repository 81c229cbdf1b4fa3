"""What the bot does: one behaviour a file. `rasa run actions` serves this package, `handoff.app` runs it in process.

No packages in here: rasa-sdk imports a sub-package by its bare name, so one called `handoff` would shadow ours.
"""
