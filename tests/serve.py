"""Serves the house with the fake bot, for looking at pages: `python -m tests.serve PORT DATA_DIR`.

Log-ins: jaan, kadri (agents), liis (editor), tiit (supervisor), anu (admin), all with `PASSWORD`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from bot import personal
from handoff.accounts import service as accounts
from handoff.accounts.tables import Role
from handoff.app import create_app
from handoff.database import Database, Table
from handoff.settings import Settings
from handoff.writing import files, templates
from tests.fakes import FakeBot
from tests.keys import use_test_key

PASSWORD = "kodukaup-proov"
PEOPLE = (
    ("jaan", "Jaan", Role.AGENT),
    ("kadri", "Kadri", Role.AGENT),
    ("liis", "Liis", Role.EDITOR),
    ("tiit", "Tiit", Role.SUPERVISOR),
    ("anu", "Anu", Role.ADMIN),
)


class MaskingBot(FakeBot):
    """Masks as the real one does."""

    mask = staticmethod(personal.mask)


def main(port: int, folder: Path) -> None:
    use_test_key()
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(data_dir=folder, port=port, public_url=f"http://localhost:{port}")
    database = Database(settings.sqlalchemy_url)
    Table.metadata.create_all(database.engine)
    if accounts.count(database) == 0:
        for login, name, role in PEOPLE:
            accounts.create(database, login=login, name=name, password=PASSWORD, role=role)
    templates.begin(database, files.starters())
    app = create_app(settings, MaskingBot(), database)
    entries = app.state.services.entries
    if not entries.all():
        from bot.faq.entries import read_folder

        entries.import_all(read_folder(Path("data/faq")), by=None)
    uvicorn.run(app, port=port, log_level="warning", ws="none", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
