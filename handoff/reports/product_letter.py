"""The week's complaints by letter, for those who make and sell: each topic and answer, what rises first, with customers' words, covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from bot.understanding import Language
from handoff.mail import Letter
from handoff.reports.examples import MATTERS
from handoff.reports.grievances import Grievance, Matter
from handoff.reports.wanted import Wanted
from handoff.reports.words import Words
from handoff.web import Pages


def written(
    pages: Pages,
    language: Language,
    week: Wanted,
    found: Sequence[Grievance],
    said: Mapping[Matter, Sequence[str]],
    *,
    questions: Mapping[str, str],
    to: str,
    url: str,
    stop: str,
) -> Letter:
    """The letter in the reader's language. `questions` are the published ones of the entries that are named in it."""
    words = Words(pages, language)

    def say(key: str, **filled: object) -> str:
        return pages.texts.say(language, f"figures.{key}", **filled)

    text, html = [say("product.first", count=sum(one.now for one in found), before=sum(one.before for one in found))], ""
    html += f"<p>{escape(text[0])}</p>"
    for one in found[:MATTERS]:
        matter = " · ".join(filter(None, (one.topic, questions.get(one.entry_id, one.entry_id)))) or say("by.none")
        head = ("▲ " if one.rising else "") + say("product.matter", matter=matter, now=one.now, before=one.before)
        quotes = [say("product.quote", words=quote) for quote in said.get((one.topic, one.entry_id), ())]
        text.append("\n".join([head, *quotes]))
        html += f"<h2>{escape(head)}</h2>" + "".join(f"<p>{escape(quote)}</p>" for quote in quotes)
    subject = say("product.subject", since=words.date(week.since), until=words.date(week.until))
    text += [say("product.masked"), f"{say('digest.see')}: {url}", f"{say('digest.stop')}: {stop}"]
    html += f'<p>{escape(say("product.masked"))}</p><p><a href="{escape(url)}">{escape(say("digest.see"))}</a></p>'
    html += f'<p><a href="{escape(stop)}">{escape(say("digest.stop"))}</a></p>'
    return Letter(to, subject, "\n\n".join(text), f"<h1>{escape(subject)}</h1>{html}", language, "", stop=stop)
