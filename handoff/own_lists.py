"""What an operator's own list in a YAML file is made of: things with an id and a name in three languages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.understanding import LANGUAGES, Language

LONGEST = 300
ONE_LINE = r"^[^\r\n]*$"  # it may stand in the subject of a letter


class Words(BaseModel):
    """A sentence in three languages; Estonian stands in for what is missing."""

    model_config = ConfigDict(extra="forbid")

    et: str = Field(min_length=1, max_length=LONGEST, pattern=ONE_LINE)
    en: str = Field("", max_length=LONGEST, pattern=ONE_LINE)
    ru: str = Field("", max_length=LONGEST, pattern=ONE_LINE)

    def by_language(self) -> dict[Language, str]:
        return {language: getattr(self, language) or self.et for language in LANGUAGES}


class Named(BaseModel):
    """One thing of the list, as it stands in the file."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name: Words
