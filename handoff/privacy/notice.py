"""The words of the privacy notice: those of the operator where there are any, otherwise ours, with what the settings say filled in."""

from __future__ import annotations

from pathlib import Path
from string import Template

from bot.understanding import LANGUAGES, Language
from handoff.conversations.notice import Notice
from handoff.database import Database
from handoff.errors import SettingsError
from handoff.settings import Settings
from handoff.texts import Texts

HERE = Path(__file__).parent
PARTS = ("who", "what", "why", "basis", "machine", "help", "shared", "long")
RIGHTS = ("copy", "erase", "correct", "object", "complain")
SOONER = ("contact", "attachment", "rating")  # what may go sooner than its conversation, and is told then


def notice_of(database: Database, settings: Settings) -> Notice:
    """This house's notice. Raises `SettingsError` where the operator's own can't be read."""
    own = settings.privacy_notice
    written = _own(own) if own else {language: _ours(Texts(HERE / "texts"), language, settings) for language in LANGUAGES}
    filled = facts(settings)
    return Notice(database, {language: Template(text).safe_substitute(filled) for language, text in written.items()}, shipped=own is None)


def facts(settings: Settings) -> dict[str, object]:
    """What `$company` and the like stand for in a notice."""
    days: dict[str, object] = {
        "days": settings.keep_days,
        "contact_days": settings.keep_contact_days or settings.keep_days,
        "attachment_days": settings.keep_attachment_days or settings.keep_days,
        "rating_days": settings.keep_rating_days or settings.keep_days,
        "outbox_days": settings.keep_outbox_days,
        "audit_days": settings.audit_keep_days,
    }
    names = {"company": settings.company, "bot": settings.bot_name, "contact": settings.privacy_contact, "messengers": ", ".join(_messengers(settings))}
    return days | names


def _messengers(settings: Settings) -> list[str]:
    """Those that customers can write from, by their own names."""
    tokens = {"Telegram": settings.telegram_token, "Slack": settings.slack_token, "Facebook Messenger": settings.facebook_token}
    return [name for name, token in tokens.items() if token.get_secret_value()]


def parted(text: str) -> tuple[str | None, str]:
    """A notice's title, where it begins with one („# …“), and the rest."""
    first, _, rest = text.lstrip().partition("\n")
    return (first.removeprefix("# ").strip(), rest) if first.startswith("# ") else (None, text)


def _own(path: Path) -> dict[str, str]:
    """One file for all languages, or a folder in which a language that is missing reads the Estonian."""
    try:
        if path.is_file():
            return dict.fromkeys(LANGUAGES, path.read_text(encoding="utf-8"))
        estonian = (path / "et.md").read_text(encoding="utf-8")
        others = {language: path / f"{language}.md" for language in LANGUAGES}
        return {language: file.read_text(encoding="utf-8") if file.is_file() else estonian for language, file in others.items()}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"ABILINE_PRIVACY_NOTICE: {path} must be a Markdown file, or a folder with et.md ({type(error).__name__})") from None


def _ours(texts: Texts, language: Language, settings: Settings) -> str:
    """The notice that comes with the house, as Markdown; what is to be filled in still stands as `$days`."""

    def t(key: str) -> str:
        return texts.all(language)[f"privacy.{key}"]

    long = [t("long.text"), t("long.others"), *(t(f"long.{kind}") for kind in SOONER if getattr(settings, f"keep_{kind}_days"))]
    told = {part: t(f"{part}.text") for part in PARTS} | {"long": " ".join(long)}
    if settings.identity_secret.get_secret_value():
        told["what"] += " " + t("what.signed")
    if _messengers(settings):
        told["shared"] += " " + t("shared.messengers")
    sections = [f"## {t(f'{part}.title')}\n\n{told[part]}" for part in PARTS]
    rights = "\n".join(f"- {t(f'rights.{right}')}" for right in RIGHTS)
    contact = t("contact.written" if settings.privacy_contact else "contact.chat")
    sections += [f"## {t('rights.title')}\n\n{t('rights.text')}\n\n{rights}", f"## {t('contact.title')}\n\n{contact}"]
    return "\n\n".join([f"# {t('title')}", t("lead"), *sections]) + "\n"
