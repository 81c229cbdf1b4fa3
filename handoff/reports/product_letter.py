"""The week's complaints by letter, for those who make and sell: each product, topic and answer, what rises first, with customers' words, covered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from bot.understanding import Language
from handoff.mail import Letter
from handoff.reports.examples import MATTERS
from handoff.reports.grievances import Grievance, Matter, OfProduct
from handoff.reports.wanted import Wanted
from handoff.reports.words import Words
from handoff.web import Pages

Part = tuple[str, Sequence[str]]  # a line and the examples under it


@dataclass(frozen=True)
class Told:
    """What the letter tells of a week. `questions` are the published ones of the entries that are named in it."""

    week: Wanted
    matters: Sequence[Grievance]
    said: Mapping[Matter, Sequence[str]]
    products: Sequence[OfProduct]
    said_of: Mapping[str, Sequence[str]]
    questions: Mapping[str, str]


def written(pages: Pages, language: Language, told: Told, *, to: str, url: str, stop: str) -> Letter:
    """The letter in the reader's language."""
    words = Words(pages, language)

    def say(key: str, **filled: object) -> str:
        return pages.texts.say(language, f"figures.{key}", **filled)

    def line(one: Grievance | OfProduct, matter: str) -> str:
        return ("▲ " if one.rising else "") + say("product.matter", matter=matter, now=one.now, before=one.before)

    def of_matters() -> Iterator[Part]:
        for one in told.matters[:MATTERS]:
            matter = " · ".join(filter(None, (one.topic, told.questions.get(one.entry_id, one.entry_id)))) or say("by.none")
            yield line(one, matter), told.said.get((one.topic, one.entry_id), ())

    def of_products() -> Iterator[Part]:
        for one in [one for one in told.products if one.product][:MATTERS]:
            yield line(one, one.product), told.said_of.get(one.product, ())

    text = [say("product.first", count=sum(one.now for one in told.matters), before=sum(one.before for one in told.matters))]
    html = f"<p>{escape(text[0])}</p>"
    for title, parts in ((say("product.by_product"), list(of_products())), (say("product.by_topic"), list(of_matters()))):
        if parts:
            text.append(title.upper())
            html += f"<h2>{escape(title)}</h2>"
        for head, examples in parts:
            quotes = [say("product.quote", words=quote) for quote in examples]
            text.append("\n".join([head, *quotes]))
            html += f"<h3>{escape(head)}</h3>" + "".join(f"<p>{escape(quote)}</p>" for quote in quotes)
    subject = say("product.subject", since=words.date(told.week.since), until=words.date(told.week.until))
    text += [say("product.masked"), f"{say('digest.see')}: {url}", f"{say('digest.stop')}: {stop}"]
    html += f'<p>{escape(say("product.masked"))}</p><p><a href="{escape(url)}">{escape(say("digest.see"))}</a></p>'
    html += f'<p><a href="{escape(stop)}">{escape(say("digest.stop"))}</a></p>'
    return Letter(to, subject, "\n\n".join(text), f"<h1>{escape(subject)}</h1>{html}", language, "", stop=stop)
