"""Mails as they come, read: the new words apart from what is quoted, machines told from people, and nothing so broken that it stops the box."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.conversations.arriving import Arrived
from handoff.conversations.words import LONGEST
from handoff.email.folding import fold
from handoff.email.plain import as_text
from handoff.email.reading import read
from handoff.own_letters import OwnLetters
from handoff.vault import Vault, new_key
from tests.handoff.mails import BOX, MARI, bounce, mail, winmail

OURS = frozenset({BOX})
WORD = "ab" * 15


def arrived(raw: bytes, *, cut: bool = False) -> Arrived:
    return read(raw, ours=OURS, cut=cut)


def test_a_mail_is_read_with_its_sender_subject_and_words() -> None:
    letter = arrived(mail("Tere!\n\nKus mu šokolaad on?").as_bytes())
    assert (letter.sender, letter.sender_name, letter.subject) == (MARI, "Mari Maasikas", "Tellimus")
    assert (letter.text, letter.nature, letter.language) == ("Tere!\n\nKus mu šokolaad on?", "person", "et")


@pytest.mark.parametrize(
    "header",
    [
        "E, 16. november 2026 kell 10:12 kirjutas Kodukaup <tugi@kodukaup.example>:",
        "Kodukaup (<tugi@kodukaup.example>) kirjutas kuupäeval E, 16. november 2026\nkell 10:12:",
        "-------- Algne sõnum --------",
        "-----Algne kiri-----",
        "Saatja: Kodukaup <tugi@kodukaup.example>\nSaadetud: esmaspäev, 16. november 2026 10:12\nKellele: Mari\nTeema: Re: Tellimus",
        "пн, 16 нояб. 2026 г. в 10:12, Kodukaup <tugi@kodukaup.example>:",
        "16.11.2026 10:12, Kodukaup пишет:",
        "От: Kodukaup <tugi@kodukaup.example>\nОтправлено: 16 ноября 2026 г. 10:12\nКому: Mari\nТема: Re: Tellimus",
        "On Mon, Nov 16, 2026 at 10:12 AM Kodukaup <tugi@kodukaup.example> wrote:",
        "From: Kodukaup <tugi@kodukaup.example>\nSent: Monday, November 16, 2026 10:12\nTo: Mari\nSubject: Re: Tellimus",
    ],
)
def test_what_is_quoted_is_folded_in_our_languages(header: str) -> None:
    own, folded = fold(f"Aitäh, sain kätte!\n\n{header}\n> Pakk on teel.\n> Jaan")
    assert own == "Aitäh, sain kätte!"
    assert [one.kind for one in folded] == ["quote"]
    assert "Pakk on teel." in folded[0].text


@pytest.mark.parametrize(
    "end", ["Lugupidamisega\nMari Maasikas\n+372 5555 5555", "-- \nMari", "С уважением,\nМария", "Saadetud minu iPhone'ist", "Best regards\nMari"]
)
def test_signatures_are_folded(end: str) -> None:
    own, folded = fold(f"Kus mu šokolaad on?\n\n{end}")
    assert (own, [one.kind for one in folded]) == ("Kus mu šokolaad on?", ["signature"])


def test_a_list_with_hyphens_is_no_signature() -> None:
    own, folded = fold("Soovin tellida:\n- kommid\n- šokolaad")
    assert ("- šokolaad" in own, folded) == (True, [])


def test_lines_quoted_below_go_and_those_answered_in_between_stay() -> None:
    own, folded = fold("> Mis värvi?\nSinist.\n> Mis suurust?\nKeskmist.\n\n> Ilusat päeva\n> Jaan")
    assert own.endswith("Keskmist.")
    assert "> Mis värvi?" in own
    assert "Ilusat päeva" in folded[-1].text


def test_a_forwarded_mail_is_not_folded_away() -> None:
    own, _folded = fold("---------- Forwarded message ---------\nFrom: Pood <a@b.ee>\nSubject: Arve\nTo: Mari\n\nTeie arve on 12 eurot.")
    assert "12 eurot" in own


def test_the_words_of_a_very_long_mail_are_all_there_folded() -> None:
    text = "\n".join(f"Rida number {one} meie pikast loost." for one in range(4_000))
    own, folded = fold(text)
    whole = own + "".join(part.text for part in folded)
    assert len(own) <= LONGEST
    assert all(f"number {one} meie" in whole for one in (0, 1_500, 3_999))


@given(st.lists(st.sampled_from([*"aOn >:-_\n\t", "\n\n", "On ", "kirjutas", "wrote:", "От:", "Saatja: ", "@", "Lugupidamisega"]), max_size=120).map("".join))
@settings(max_examples=60, deadline=None)
def test_nothing_written_is_lost_by_folding(text: str) -> None:
    own, folded = fold(text)
    kept = "".join("".join([own, *(part.text for part in folded)]).split())
    assert sorted(kept) == sorted("".join(text.split()))


@pytest.mark.parametrize(
    ("headers", "nature"),
    [
        ({}, "person"),
        ({"Auto_Submitted": "no"}, "person"),
        ({"Auto_Submitted": "auto-replied"}, "auto"),
        ({"Precedence": "bulk"}, "auto"),
        ({"X_Autoreply": "yes"}, "auto"),
        ({"List_Id": "<uudised.pood.ee>"}, "auto"),
        ({"subject": "Automaatvastus: Tellimus"}, "auto"),
        ({"subject": "Автоответ: отпуск"}, "auto"),
        ({"subject": "Out of Office: Re: Tellimus"}, "auto"),
        ({"From": "noreply@pank.ee"}, "auto"),
        ({"X_Loop": BOX}, "person"),  # anybody can write that
        ({"X_Loop": "muu@naide.ee"}, "person"),
    ],
)
def test_machines_are_told_from_people(headers: dict[str, str], nature: str) -> None:
    assert arrived(mail(**headers).as_bytes()).nature == nature


def test_a_letter_of_ours_is_known_by_its_seal_alone_and_by_older_keys_too() -> None:
    older, newer = new_key(), new_key()
    before, after = OwnLetters(Vault(older)), OwnLetters(Vault(f"{newer},{older}"))
    sealed = mail(message_id="<meie@kodukaup.example>", X_Abiline_Letter=before.seal("<meie@kodukaup.example>"))
    assert read(sealed.as_bytes(), ours=OURS, is_own=after.knows).nature == "own"
    forged = mail(message_id="<tema@naide.ee>", X_Loop=BOX, X_Abiline_Letter=before.seal("<meie@kodukaup.example>"))
    assert read(forged.as_bytes(), ours=OURS, is_own=after.knows).nature == "person"
    assert read(sealed.as_bytes(), ours=OURS, is_own=OwnLetters(Vault(new_key())).knows).nature == "person"


def test_a_form_that_writes_in_our_name_is_answered_where_it_says() -> None:
    letter = arrived(mail(From=f"Pood <{BOX}>", Reply_To=MARI).as_bytes())
    assert (letter.sender, letter.nature) == (MARI, "person")


@pytest.mark.parametrize(("status", "why"), [("5.1.1", "no_address"), ("5.2.2", "full"), ("5.7.1", "refused"), ("5.4.4", "refused")])
def test_a_bounce_names_the_letter_and_says_why(status: str, why: str) -> None:
    letter = arrived(bounce("<meie@kodukaup.example>", status=status))
    assert (letter.nature, letter.of_bounce) == ("bounce", why)
    assert "<meie@kodukaup.example>" in letter.answers


def test_a_letter_that_is_only_late_is_no_bounce_to_tell_of() -> None:
    letter = arrived(bounce("<meie@kodukaup.example>", status="4.4.1", action="delayed"))
    assert (letter.nature, letter.of_bounce) == ("bounce", "")


def test_the_thread_and_the_word_in_the_address_are_found() -> None:
    raw = mail(In_Reply_To="<b@x>", References="<a@x> <b@x>", To=f"Kodukaup <tugi+{WORD}@kodukaup.example>").as_bytes()
    letter = arrived(raw)
    assert (list(letter.answers), list(letter.words)) == (["<b@x>", "<a@x>"], [WORD])
    assert list(arrived(mail(To=f"tugi+{WORD}@mujal.example").as_bytes()).words) == []


def test_html_becomes_words_and_nothing_runs_or_hides() -> None:
    html = """<html><head><title>x</title><style>p{color:red}</style></head><body><script>alert(1)</script><p>Tere &amp; <b>tervist</b>!</p>
      <div style="display: none">peidetud</div><ul><li>üks</li><li>kaks</li></ul><a href="https://pood.ee/pakk">Vaata pakki</a>
      <a href="javascript:alert(1)">paha</a><blockquote>vana <p>jutt</p></blockquote><img src="https://jalitaja.ee/x.gif"></body></html>"""
    text = as_text(html)
    assert text.startswith("Tere & tervist!")
    assert "• üks\n• kaks" in text
    assert "Vaata pakki (https://pood.ee/pakk)" in text
    assert "> jutt" in text
    assert not any(word in text for word in ("alert", "peidetud", "color", "jalitaja"))


def test_a_mail_of_html_alone_is_read() -> None:
    made = mail()
    made.set_content("<p>Kus mu <b>šokolaad</b> on?</p>", subtype="html")
    assert arrived(made.as_bytes()).text == "Kus mu šokolaad on?"


def test_files_come_and_counting_pictures_do_not() -> None:
    made = mail()
    made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="arve õ.pdf")
    made.add_attachment(b"GIF89a", maintype="image", subtype="gif", cid="<loendur>", disposition="inline")
    letter = arrived(made.as_bytes())
    assert [(file.name, file.content) for file in letter.files] == [("arve õ.pdf", b"%PDF-1.4")]


def test_outlooks_winmail_is_unpacked() -> None:
    made = mail("")
    made.add_attachment(winmail("arve.pdf", b"%PDF-1.4 sisu", "Siin on arve."), maintype="application", subtype="ms-tnef", filename="winmail.dat")
    letter = arrived(made.as_bytes())
    assert (letter.text, [(file.name, file.content) for file in letter.files]) == ("Siin on arve.", [("arve.pdf", b"%PDF-1.4 sisu")])


def test_a_winmail_that_is_broken_is_named() -> None:
    made = mail()
    made.add_attachment(b"\x78\x9f\x3e\x22 katki", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    letter = arrived(made.as_bytes())
    assert [(one.name, one.why) for one in letter.left_out] == [("winmail.dat", "broken")]


@pytest.mark.parametrize("charset", [None, "utf-8", "windows-1257", "x-tundmatu", "us-ascii"])
def test_letters_are_right_whatever_the_charset_claims(charset: str | None) -> None:
    says = f"; charset={charset}" if charset else ""
    encoded = "Šokolaad ja öötöö".encode("windows-1257" if charset == "windows-1257" else "utf-8")
    raw = f"From: {MARI}\r\nContent-Type: text/plain{says}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode() + encoded
    assert arrived(raw).text == "Šokolaad ja öötöö"


def test_a_header_with_line_breaks_in_it_stays_one_line() -> None:
    assert arrived(b"From: mari@naide.ee\r\nSubject: =?utf-8?b?" + b"VGVyZQ0KQmNjOiBhQGIuZWU=" + b"?=\r\n\r\nTere").subject == "Tere Bcc: a@b.ee"


def test_without_a_message_id_the_same_mail_is_the_same() -> None:
    raw = mail(message_id="").as_bytes()
    assert arrived(raw).message_id == arrived(raw).message_id != arrived(mail("Muu", message_id="").as_bytes()).message_id


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: ainult pealkiri",
        b"From: <<<>>>\r\nTo: \x80\x81\r\n\r\nsisu",
        b"From: mari@naide.ee\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nPoolik",
        b"From: mari@naide.ee\r\nContent-Type: multipart/mixed\r\n\r\nPiirita",
        b'From: mari@naide.ee\r\nContent-Type: text/plain; charset=""\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!',
        b"From: =?utf-8?q?=ff=fe?= <mari@naide.ee>\r\nDate: eile\r\nMessage-ID: <>\r\n\r\nTere",
        b"Content-Type: message/rfc822\r\n\r\n" * 20 + b"sisu",
        b"From: mari@naide.ee\r\n" + b"References: " + b"<a@b> " * 5_000 + b"\r\n\r\nTere",
    ],
    ids=["nothing", "noise", "no-sender", "no-address", "cut", "no-boundary", "no-charset", "no-date", "nested", "long-header"],
)
def test_broken_mails_come_out_readable(raw: bytes) -> None:
    letter = arrived(raw)
    assert letter.message_id.startswith("<")
    assert len(letter.answers) <= 30


@given(st.binary(max_size=300), st.booleans())
@settings(max_examples=80, deadline=None)
def test_no_bytes_stop_the_box(noise: bytes, cut: bool) -> None:
    whole = mail().as_bytes()
    for raw in (noise, whole[: len(whole) // 2] + noise, noise + whole):
        assert arrived(raw, cut=cut).message_id
