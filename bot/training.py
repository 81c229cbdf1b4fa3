"""Makes what serving needs: the exported encoder and Rasa's model. Does nothing where both are there and up to date.

`rasa train` works as well and makes a model of its own; this one has a fixed name and is not trained twice for nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from bot import without_tensorflow
from bot.encoder import ENVIRONMENT_KEY, FOLDER, load_encoder
from bot.export import ABOUT_FILE, export_encoder, shipped_name
from bot.mendable import Mendable
from bot.quiet import first_cause, hush, without_import_warnings
from bot.understand import INTENTS_FOLDER

Progress = Callable[[str], None]
ROOT = Path(__file__).resolve().parent.parent
MODEL_NAME = "abiline"
MODEL_FILE = f"{MODEL_NAME}.tar.gz"
FINGERPRINT_FILE = f"{MODEL_NAME}.json"
TRAINED_FROM = ("config.yml", "domain.yml", "data/nlu", "data/rules.yml")
HELPED_BY = ("data/bank",)
SHAPED_BY = (
    "bot/components",
    "bot/intents.py",
    "bot/examples.py",
    "bot/faq/bank.py",
    "bot/faq/question.py",
    "bot/asking",
    "bot/estonian.py",
    "bot/morphology.py",
    "bot/words",
)  # code that decides what a model holds


class TrainingFailed(Mendable):
    """Rasa made no model; the message gives its reason."""


def train(model_dir: Path, *, root: Path = ROOT, force: bool = False, progress: Progress = lambda _: None) -> Path:
    """Train what is missing or out of date; returns the model's file. Not for a thread with a running event loop.

    Raises `TrainingFailed` and `bot.export.ExportFailed`.
    """
    ensure_encoder(model_dir, progress=progress)
    _read_entries(model_dir, progress)
    model, note = model_dir / MODEL_FILE, model_dir / FINGERPRINT_FILE
    wanted = fingerprint(root, load_encoder(model_dir).name)
    if not force and model.is_file() and _read(note) == wanted:
        progress("the model is up to date")
        return model
    progress("training the dialogue and the intents")
    _train_rasa(root, model)
    _copy_intents(model, model_dir / INTENTS_FOLDER)
    note.write_text(json.dumps({"fingerprint": wanted}), encoding="utf-8")
    progress(f"wrote {model}")
    return model


def _read_entries(model_dir: Path, progress: Progress) -> None:
    """Encode the starter entries once, so that the first start need not: their vectors are kept beside the model."""
    from bot.faq import live

    progress("reading the FAQ")
    live.use(models=model_dir)
    live.faq().reader()


def ensure_encoder(model_dir: Path, *, progress: Progress = lambda _: None) -> None:
    """Export the encoder if the one that is set is not there, or was taught otherwise. Raises `bot.export.ExportFailed`."""
    if os.environ.get(ENVIRONMENT_KEY):
        return
    wanted = shipped_name()
    if exported_name(model_dir / FOLDER) == wanted:
        return
    model_dir.mkdir(parents=True, exist_ok=True)
    with (model_dir / "encoder.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process may be at it; whoever comes second finds it done
        if exported_name(model_dir / FOLDER) != wanted:
            progress("exporting the encoder (once)")
            _export_beside(model_dir, progress)


def exported_name(folder: Path) -> str | None:
    """The name of the encoder in the folder; None where there is none."""
    try:
        return str(json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError):
        return None


def _export_beside(model_dir: Path, progress: Progress) -> None:
    """Write into a folder of its own and put that in place: nobody ever sees a half-written encoder, or one's name on another's network."""
    with tempfile.TemporaryDirectory(dir=model_dir) as room:
        made = export_encoder(Path(room) / "new", progress=progress)
        folder = model_dir / FOLDER
        if folder.exists():
            folder.rename(Path(room) / "old")
        made.rename(folder)


def fingerprint(root: Path, encoder: str) -> str:
    """Changes when a model trained now would differ from one trained before."""
    digest = hashlib.sha256(f"{importlib.metadata.version('rasa')} {encoder}".encode())
    for place, names in ((root, (*TRAINED_FROM, *HELPED_BY)), (ROOT, SHAPED_BY)):
        for path in sorted(path for name in names for path in _files(place / name)):
            digest.update(f"\0{path.relative_to(place)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    """The files of a folder, or the file itself; what is missing Rasa will name."""
    if path.is_dir():
        return [file for file in path.rglob("*") if file.suffix in (".yml", ".py", ".txt")]
    return [path] if path.is_file() else []


def _train_rasa(root: Path, model: Path) -> None:
    """Train into a folder beside the model and put the result in its place at once."""
    hush()
    without_tensorflow.install()
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"  # Rasa's cache does not know the encoder; what we skip we skip by the fingerprint
    model.parent.mkdir(parents=True, exist_ok=True)
    said = io.StringIO()
    with tempfile.TemporaryDirectory(dir=model.parent) as folder, _captured(said), without_import_warnings():
        from rasa.api import train as rasa_train

        sources = [str(root / name) for name in TRAINED_FROM]
        try:
            result = rasa_train(sources[1], sources[0], sources[2:], output=folder, fixed_model_name=MODEL_NAME, force_training=True)
        except Exception as error:  # Rasa's validation, a component's complaint: each raises its own kind
            raise TrainingFailed(f"Rasa could not train: {first_cause(error)}") from error
        if not result.model or result.code != 0:
            raise TrainingFailed(f"Rasa made no model: {said.getvalue().strip()[-500:] or 'no reason given'}")
        Path(result.model).replace(model)


def _copy_intents(model: Path, folder: Path) -> None:
    """The same intent classifier for who works without Rasa (`bot.understand.load_reader`)."""
    folder.mkdir(exist_ok=True)
    with tarfile.open(model) as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            kept = archive.extractfile(member) if path.name.startswith("intents.") and "IntentClassifier" in path.parent.name else None
            if kept is not None:
                (folder / path.name).write_bytes(kept.read())


@contextlib.contextmanager
def _captured(said: io.StringIO) -> Iterator[None]:
    """Rasa's own reports and progress bars, kept for the case that it fails."""
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        yield


def _read(note: Path) -> str | None:
    try:
        return str(json.loads(note.read_text(encoding="utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError):
        return None
