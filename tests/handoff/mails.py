"""Mails as customers, their servers and their absence assistants write them."""

from __future__ import annotations

import struct
from email.message import EmailMessage

MARI = "mari@naide.ee"
BOX = "tugi@kodukaup.example"


def mail(text: str = "Kus mu šokolaad on?", *, subject: str = "Tellimus", message_id: str = "<1@naide.ee>", **headers: str) -> EmailMessage:
    """Mari writes. Headers by their names with underscores; an empty one is left out."""
    made = EmailMessage()
    named = {"From": f"Mari Maasikas <{MARI}>", "To": BOX, "Subject": subject, "Message-ID": message_id}
    for name, value in (named | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        if value:
            made[name] = value
    made.set_content(text)
    return made


def bounce(of: str, *, status: str = "5.1.1", action: str = "failed") -> bytes:
    """A mail server says that a letter did not arrive, as RFC 3464 has it."""
    return f"""From: MAILER-DAEMON@naide.ee
To: {BOX}
Subject: Undelivered Mail Returned to Sender
Message-ID: <dsn-{status}-{abs(hash(of))}@naide.ee>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; naide.ee

Final-Recipient: rfc822; {MARI}
Action: {action}
Status: {status}

--x
Content-Type: text/rfc822-headers

From: Kodukaup <{BOX}>
Message-ID: {of}

--x--
""".replace("\n", "\r\n").encode()


def winmail(name: str, content: bytes, body: str) -> bytes:
    """A winmail.dat with a text and one file in it."""

    def block(level: int, attribute: int, data: bytes) -> bytes:
        return bytes([level]) + struct.pack("<II", attribute, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    parts = [
        block(1, 0x00089006, struct.pack("<I", 0x00010000)),  # version
        block(1, 0x00069007, struct.pack("<II", 65001, 0)),  # code page: UTF-8
        block(1, 0x0002800C, body.encode() + b"\0"),  # text
        block(2, 0x00069002, b"\0" * 14),  # a file begins
        block(2, 0x00018010, name.encode() + b"\0"),
        block(2, 0x0006800F, content),
    ]
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(parts)
