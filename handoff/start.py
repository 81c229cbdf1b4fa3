"""From settings to a running house: every check that can fail before the first customer, each with one line that says what to do."""

from __future__ import annotations

import gc
import os
import secrets
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.understanding import FaqEntry
from handoff import keys, unfit
from handoff.accounts import service as accounts
from handoff.accounts.tables import Role
from handoff.conversations import erasure, forgotten
from handoff.database import Database, now
from handoff.entries.store import EntryStore
from handoff.errors import SettingsError
from handoff.migrate import upgrade
from handoff.settings import Settings
from handoff.waking import woken
from handoff.writing import files, templates

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bot.apart.parent import BotApart
    from bot.evaluate import Report
    from bot.quality import Measured
    from bot.runtime import RasaBot
    from handoff.conversations.backtest import Verdict

Say = Callable[[str], None]
BANK = Path(__file__).parents[1] / "data" / "bank"
SWITCH_SECONDS = 0.0005  # that a thread keeps Python while others wait: a message passes through five of them, each for a millisecond or two
FIRST_LOGIN = "jaan"
FIRST_NAME = "Jaan"


@dataclass(frozen=True)
class House:
    """All that runs, and what to tell the operator."""

    settings: Settings
    app: FastAPI
    bot: BotApart
    database: Database
    welcome: tuple[str, ...]


def share_processors() -> None:
    """Let many small pieces of work pass each other. To be called before NumPy is loaded.

    The sums that a message needs are small: NumPy's threads would wait for each other longer than they work. The encoder has threads of its own.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.setswitchinterval(SWITCH_SECONDS)


def check_places(settings: Settings) -> None:
    """Raise `SettingsError` when the data folder can't be written or the port is taken: before anything slow begins."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / f".probe-{os.getpid()}"
        probe.write_text("", encoding="ascii")
        probe.unlink()
    except OSError as error:
        reason = error.strerror
        raise SettingsError(f"ABILINE_DATA_DIR: {settings.data_dir} can't be written ({reason}). Choose another folder or give this one to you.") from None
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            raise SettingsError(
                f"ABILINE_PORT: {settings.host}:{settings.port} can't be used ({error.strerror}). Stop what uses it or set ABILINE_PORT to another number."
            ) from None


def checked_entries(settings: Settings, source: Path | None = None) -> list[FaqEntry]:
    """The entries of the files. Raises `FaqError` with every problem: file, line, entry and the mend."""
    from bot.faq.entries import read_file, read_folder

    path = source or settings.faq_dir
    if not path.exists():
        raise SettingsError(f"ABILINE_FAQ_DIR: there is no {path}.")
    return read_file(path) if path.is_file() else read_folder(path)


def _to_the_operator(line: str) -> None:
    sys.stderr.write(line + "\n")


def open_database(settings: Settings, say: Say = _to_the_operator) -> Database:
    """The database in the form this version needs, with the key that opens it; `say` tells of a key that was just made."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.sqlalchemy_url, keys.house_vault(settings))
    unfit.await_answer(database, say)
    upgrade(database)
    for line in keys.begin(database):
        say(line)
    erasure.keep_log(database, settings.data_dir / forgotten.FILE)
    return database


def entry_store(settings: Settings) -> EntryStore:
    """The catalogue of entries."""
    return _entries(open_database(settings), settings)


def _entries(database: Database, settings: Settings) -> EntryStore:
    return EntryStore(database, ZoneInfo(settings.time_zone), reviewed=settings.entry_review == "required")


def export_entries(settings: Settings, folder: Path) -> list[FaqEntry]:
    """Write the published entries, one file a topic, in the form of `data/faq`."""
    from bot.faq.entries import write_file

    entries, _ = entry_store(settings).published(whenever=True)
    folder.mkdir(parents=True, exist_ok=True)
    for topic in sorted({entry.topic for entry in entries}):
        write_file(folder / f"{topic or 'entries'}.yml", [entry for entry in entries if entry.topic == topic])
    return entries


def open_house(settings: Settings, entries: list[FaqEntry], say: Say) -> House:
    """Migrate, make the first log-in and import the starter entries where there are none, start the bot, join the rooms."""
    bot = bot_apart(settings)
    bot.begin()  # it takes the longest, and a processor of its own
    try:
        from handoff.app import create_app

        say("Opening the database")
        unfit.look_through(settings.sqlalchemy_url)
        about_key: list[str] = []
        database = open_database(settings, about_key.append)
        welcome = [*about_key, *_first_login(database, settings), *_catalogue(_entries(database, settings), entries)]
        templates.begin(database, files.starters())
        app = create_app(settings, bot, database)
        say("Waking the bot")
        bot.start()
    except BaseException:
        bot.stop()
        raise
    say("Indexing the answers")
    return House(settings, app, bot, database, tuple(welcome))


def bot_apart(settings: Settings) -> BotApart:
    """The bot that serves, in a process of its own; it is not begun yet."""
    from bot.apart.parent import BotApart

    return BotApart(partial(woken, settings.model_dir, bot_name=settings.bot_name, precision=settings.answer_precision))


def started_bot(settings: Settings, say: Say, *, precision: float | None = None) -> RasaBot:
    """Rasa in our process, for those who ask it and end. Raises `BotUnavailable` when no model was trained."""
    say("Waking the bot")
    return woken(settings.model_dir, bot_name=settings.bot_name, precision=precision or settings.answer_precision)


def run(house: House) -> None:
    """Serve until stopped, then let the bot and the database go."""
    from handoff.operations import descriptors, logs
    from handoff.serving import serve

    logs.begin(house.settings)
    descriptors.raise_limit()
    gc.collect()
    gc.freeze()  # what stands by now stays: it is not looked through again and again
    try:
        serve(house.app, host=house.settings.host, port=house.settings.port)
    finally:
        house.bot.stop()
        house.database.close()


def evaluate(settings: Settings, faq_file: Path, questions: Path, precision: float) -> Report:
    """Put the FAQ in place of ours in a bot of its own and pass each question through the whole understanding, Rasa's pipeline and all."""
    import asyncio

    from bot.evaluate import evaluate as measure
    from bot.evaluate import read_questions
    from bot.faq.entries import read_file

    entries, asked = read_file(faq_file), read_questions(questions)
    bot = started_bot(settings, lambda _step: None, precision=precision)
    try:
        with asyncio.Runner() as runner:
            runner.run(bot.replace_entries(entries, revision=0))
            return measure(lambda text: runner.run(bot.ask(text)), asked)
    finally:
        bot.stop()


def quality(settings: Settings, bank: Path, chatter: Path | None) -> Measured:
    """Ask the bank's businesses that nothing was learned from their own questions, each with an index of its FAQ alone."""
    import asyncio

    from bot.evaluate import read_questions
    from bot.faq.bank import TEST, read_bank
    from bot.quality import asking, measure

    businesses, no_questions = read_bank(bank, TEST), read_questions(chatter) if chatter else []
    bot = started_bot(settings, lambda _step: None)
    try:
        with asyncio.Runner() as runner:
            ask = asking(lambda text: runner.run(bot.ask(text)), lambda entries: runner.run(bot.replace_entries(entries, revision=0)))
            return measure(businesses, ask, no_questions)
    finally:
        bot.stop()


def tried_promises(recorded: Path | None, *, generated: bool) -> Iterator[tuple[str, Verdict]]:
    """Promises to waiting customers on days that are over; of each the first half only teaches."""
    from handoff.conversations import days
    from handoff.conversations.backtest import judge

    if recorded:
        stories = days.read(recorded)
        yield recorded.name, judge(stories, learn_from=len(stories) // 2)
    for kind in days.KINDS if generated else ():
        stories = days.generated([kind] * 8, seed=1)
        yield kind.name, judge(stories, learn_from=len(stories) // 2)


def kept_promises(settings: Settings) -> tuple[int, int]:
    """How many promises to waiting customers were kept in the last 30 days, of how many."""
    from handoff.conversations.waiting import kept_lately

    return kept_lately(open_database(settings), now() - timedelta(days=30))


def export_waits(settings: Settings, path: Path) -> int:
    """Write when people asked for a person and when one came; gives how many."""
    from handoff.conversations import days
    from handoff.conversations.waiting import pick_ups

    return days.write(path, pick_ups(open_database(settings)))


def train_encoder(say: Say) -> str:
    """Teach the encoder with the bank's businesses; gives the name of the encoder that comes of it."""
    from bot import e5
    from bot.adapt import adapt
    from bot.adapter import DEFAULT_ADAPTER
    from bot.examples import read_nlu
    from bot.export import shipped_name
    from bot.faq.bank import ENCODER, read_bank
    from bot.faq.decision import QUESTION
    from bot.lessons import Lessons, read_words
    from bot.training import ROOT

    chatter: dict[str, list[str]] = {}
    for example in read_nlu(ROOT / "data" / "nlu"):
        if example.intent != QUESTION:
            chatter.setdefault(example.intent, []).append(example.text)
    lessons = Lessons(read_bank(BANK, ENCODER), chatter, read_words(ROOT / "data" / "words"))
    adapter = adapt(lessons, e5.read(e5.require_file()), progress=say)
    adapter.save(DEFAULT_ADAPTER)
    return shipped_name()


def train_matcher(settings: Settings, say: Say) -> Mapping[str, float]:
    """Learn fusion, scope and calibration from every business of the bank; gives the figures on businesses held out."""
    from bot.encoder import load_encoder
    from bot.examples import read_nlu
    from bot.faq.decision import QUESTION
    from bot.faq.matcher import DEFAULT_WEIGHTS
    from bot.faq.meanings import FILE, compiled
    from bot.faq.training import train
    from bot.lessons import read_words
    from bot.training import ROOT, ensure_encoder

    ensure_encoder(settings.model_dir, progress=say)
    say("reading the groups of words")
    FILE.write_text(compiled(read_words(ROOT / "data" / "words")), encoding="utf-8")
    chatter = [example.text for example in read_nlu(ROOT / "data" / "nlu") if example.intent != QUESTION]
    return train(BANK, load_encoder(settings.model_dir), DEFAULT_WEIGHTS, chatter=chatter, progress=say).figures


def add_account(database: Database, *, login: str, name: str, role: Role) -> str:
    """Make an account and give its new password."""
    password = made_password()
    accounts.create(database, login=login, name=name, password=password, role=role)
    return password


def made_password() -> str:
    """Four groups of four letters and digits: some 80 bits, and readable over the phone."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def _first_login(database: Database, settings: Settings) -> list[str]:
    url = settings.public_url
    lines = ["", f"  Demo shop      {url}/demo", f"  Agents' desk   {url}/desk", f"  Editor         {url}/editor", f"  Help page      {url}/help", ""]
    if accounts.count(database) == 0:
        password = add_account(database, login=FIRST_LOGIN, name=FIRST_NAME, role=Role.ADMIN)
        lines += [f"  Log-in made for you: {FIRST_LOGIN}   password: {password}", "  (shown once; `abiline user password jaan` makes a new one)", ""]
    return lines


def _catalogue(store: EntryStore, entries: list[FaqEntry]) -> list[str]:
    if not store.all():
        store.import_all(entries, by=None)
        return [f"  {len(entries)} starter answers are in place.", ""]
    differing = store.differing(entries)
    if not differing:
        return []
    return [f"  {len(differing)} entries of the files differ from those served; `abiline faq import --dry-run` lists them.", ""]
