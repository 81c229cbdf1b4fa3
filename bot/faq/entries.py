"""An FAQ entry in its file form: read, checked, written.

A file is a list of `bot.faq.form.EntryForm` (docs/entries.md); a folder holds one topic per file.
Reading checks everything and reports every problem at once, with file, line and the mend.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import yaml
from pydantic import ValidationError

from bot.faq.form import EntryForm
from bot.faq.steps import wrong_steps
from bot.plain import entry_of, optional, translations
from bot.understanding import FaqEntry

SUFFIXES = (".yml", ".yaml")


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `line` counts from 1; `entry` is the id, or the place in the list when there is none."""

    file: str
    line: int
    entry: str
    message: str

    def __str__(self) -> str:
        about = f" entry {self.entry}:" if self.entry else ""
        return f"{self.file}:{self.line}:{about} {self.message}"


class FaqError(Exception):
    """The FAQ can't be used; `problems` lists everything that is wrong, the message one problem a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type[FaqError], tuple[Sequence[Problem]]]:
        return FaqError, (self.problems,)  # the bot's process tells of it to the house's


class EntrySource(Protocol):
    """Where the published entries come from: files here, the database while serving."""

    @property
    def revision(self) -> str:
        """Changes whenever the entries do."""
        ...

    def entries(self) -> list[FaqEntry]: ...


class FileSource:
    """Entries of one file or of every file in a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def revision(self) -> str:
        digest = hashlib.sha256()
        for path in _files(self._path):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    def entries(self) -> list[FaqEntry]:
        """Raises `FaqError`."""
        return read_folder(self._path) if self._path.is_dir() else read_file(self._path)


def read_file(path: Path, *, topic: str = "") -> list[FaqEntry]:
    """The entries of one file; `topic` is for those that name none. Raises `FaqError`."""
    return _read([path], {path: topic})


def read_folder(path: Path) -> list[FaqEntry]:
    """The entries of all `*.yml` files of a folder, in the order of their names; a file's name is its topic. Raises `FaqError`."""
    files = _files(path)
    if not files:
        raise FaqError([Problem(str(path), 1, "", "no .yml file here; put one topic per file into this folder")])
    return _read(files, {file: file.stem for file in files})


def write_file(path: Path, entries: Iterable[FaqEntry]) -> None:
    """Write entries in the form that `read_file` reads, by way of a file beside it, so that none is ever half written."""
    forms = [_plain(entry, default_topic=path.stem) for entry in entries]
    text = yaml.safe_dump(forms, allow_unicode=True, sort_keys=False, width=120)
    beside = path.with_suffix(path.suffix + ".part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _plain(entry: FaqEntry, *, default_topic: str) -> dict[str, Any]:
    form: dict[str, Any] = {"id": entry.id, "question": entry.question}
    if entry.examples:
        form["examples"] = list(entry.examples)
    form["answer"] = entry.answer
    if entry.translations:
        form["translations"] = translations(entry)
    if entry.tags:
        form["tags"] = list(entry.tags)
    if entry.topic and entry.topic != default_topic:
        form["topic"] = entry.topic
    more = optional(entry)
    return form | more | {name: date.fromisoformat(more[name]) for name in ("valid_from", "valid_until") if name in more}


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise FaqError([Problem(str(path), 1, "", "no such file or folder")])
    return [path] if path.is_file() else sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)


def _read(files: list[Path], topics: dict[Path, str]) -> list[FaqEntry]:
    problems: list[Problem] = []
    entries: list[FaqEntry] = []
    first_seen: dict[str, str] = {}
    for path in files:
        for line, form in _forms(path, problems):
            place = f"{path}:{line}"
            if form.id in first_seen:
                problems.append(Problem(str(path), line, form.id, f"this id is already used at {first_seen[form.id]}; give this entry another id"))
                continue
            first_seen[form.id] = place
            entries.append(_entry(form, topics[path]))
    if problems:
        raise FaqError(problems)
    return entries


def _entry(form: EntryForm, topic: str) -> FaqEntry:
    return entry_of(form.model_dump(exclude_none=True), id=form.id, topic=form.topic or topic)


def _forms(path: Path, problems: list[Problem]) -> list[tuple[int, EntryForm]]:
    """The readable entries of a file with their lines; what is wrong goes to `problems`."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.append(Problem(str(path), mark.line + 1 if mark else 1, "", f"broken YAML: {error.problem}; check quotes and indentation here"))
        return []
    except OSError as error:
        problems.append(Problem(str(path), 1, "", f"no such file, or it can't be opened ({error.strerror})"))
        return []
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(Problem(str(path), 1, "", f"can't be read: {error}; save it as UTF-8 text"))
        return []
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode):
        problems.append(Problem(str(path), root.start_mark.line + 1, "", "must be a list; begin each entry with „- id: …“"))
        return []
    found = [_form(str(path), number, node, problems) for number, node in enumerate(root.value, 1)]
    return [item for item in found if item is not None]


def _form(file: str, number: int, node: yaml.Node, problems: list[Problem]) -> tuple[int, EntryForm] | None:
    line = node.start_mark.line + 1
    loader = yaml.SafeLoader("")
    try:
        value = loader.construct_object(node, deep=True)
    except yaml.MarkedYAMLError as error:
        problems.append(Problem(file, line, f"no. {number}", f"can't be read: {error.problem}"))
        return None
    if not isinstance(value, dict):
        problems.append(Problem(file, line, f"no. {number}", "must have keys id, question and answer"))
        return None
    name = str(value.get("id") or f"no. {number}")
    doubled = _doubled(node)
    problems += [Problem(file, at, name, f"the key „{key}“ stands here a second time; keep one") for key, at in doubled]
    try:
        form = EntryForm.model_validate(value)
    except ValidationError as error:
        problems += [Problem(file, _line(node, list(item["loc"])), name, _mend(item)) for item in error.errors()]
        return None
    wrong = [*_wrong_steps(form), *_wrong_rest(form)]
    problems += [Problem(file, _line(node, place), name, message) for place, message in wrong]
    return None if doubled or wrong else (line, form)


def _wrong_steps(form: EntryForm) -> Iterator[tuple[list[Any], str]]:
    """Where and what: ways that lead nowhere, and translations of steps that there are not."""
    steps = _entry(form, "").steps
    for wrong in wrong_steps(steps):
        yield ["steps", wrong.place, wrong.part], wrong.message
    known = {step.id for step in steps}
    for language, texts in form.translations.model_dump(exclude_none=True).items():
        for unknown in sorted(set(texts["steps"]) - known):
            yield (
                ["translations", language, "steps", unknown],
                f"there is no step „{unknown}“ to translate; known ones are {', '.join(sorted(known)) or 'none'}",
            )
        if len(texts["buttons"]) > len(form.buttons):
            yield (
                ["translations", language, "buttons"],
                f"has {len(texts['buttons'])} titles for {len(form.buttons)} buttons; write one a button, in their order",
            )


def _wrong_rest(form: EntryForm) -> Iterator[tuple[list[Any], str]]:
    """Buttons that lead two ways or none, and days in the wrong order."""
    for place, button in enumerate(form.buttons):
        if (button.url is None) == (button.entry is None):
            yield ["buttons", place], f"the button „{button.title}“ needs „url“ or „entry“, one of them"
    if form.valid_from and form.valid_until and form.valid_until < form.valid_from:
        yield ["valid_until"], "„valid_until“ is before „valid_from“; swap them or leave one out"


def _doubled(node: yaml.Node) -> list[tuple[str, int]]:
    """Keys that stand twice in a mapping: YAML would silently keep the last."""
    seen: set[str] = set()
    out = []
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value in seen:
            out.append((str(key.value), key.start_mark.line + 1))
        seen.add(key.value)
    return out


def _line(node: yaml.Node, place: list[Any]) -> int:
    """The line of the deepest node on the way to `place` that exists."""
    line = int(node.start_mark.line) + 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                return line
            line, node = int(pair[0].start_mark.line) + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = int(node.start_mark.line) + 1
    return line


def _mend(item: Any) -> str:
    where = ".".join(str(step) for step in item["loc"])
    known = {
        "missing": f"„{where}“ is missing; add it",
        "extra_forbidden": f"unknown key „{where}“; known ones are {', '.join(EntryForm.model_fields)}",
        "string_too_short": f"„{where}“ is empty; write a text",
        "string_type": f"„{where}“ must be text; put it in double quotes",
        "too_long": f"„{where}“ holds more than {(item.get('ctx') or {}).get('max_length')}; keep the most important ones",
        "value_error": f"„{where}“ {(item.get('ctx') or {}).get('error')}",
        "date_type": f"„{where}“ must be a day like 2026-12-24",
        "list_type": f"„{where}“ must be a list; begin each item with „- “",
        "string_pattern_mismatch": f"„{where}“ may hold letters, digits and - _ . : (like „tarne-aeg“), not {item.get('input')!r}",
    }
    return known.get(str(item["type"]), f"„{where}“: {item['msg']}")
