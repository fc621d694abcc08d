"""Plain good practice: Anymail's batch sending, a thousand a call, and `bulk_create` of a status.

One process and one connection that stays open. Over SMTP, which has no batches, a mail each.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from anymail.message import AnymailMessage
from django.core.mail import EmailMultiAlternatives, get_connection

from benchmarks.driver import Race, content
from benchmarks.lean.body import compose
from benchmarks.people import entry_interests
from benchmarks.rivals.models import Reader, Status, make_tables

A_CALL = 1000
Mail = dict[str, Any]


def prepare() -> Race:
    """Tables with the readers in them."""
    make_tables()
    return race


def race() -> None:
    hand_over = send_each if os.environ["BENCH_DOOR"] == "smtp" else send
    with get_connection() as connection:
        for mail, readers in groups(os.environ["BENCH_KIND"]):
            while some := list(islice(readers, A_CALL)):
                hand_over(mail, some, connection)


def groups(kind: str) -> Iterator[tuple[Mail, Iterator[Reader]]]:
    """Each mail and whom it is for: by language, in a digest by selection."""
    mails = content(kind)
    if kind == "written":
        for language, mail in mails.items():
            yield mail, Reader.objects.filter(language=language).iterator(A_CALL)
        return
    told = [(1 << bit, interests | {"all"}) for bit, interests in enumerate(entry_interests())]
    chosen: dict[tuple[str, int], list[Reader]] = defaultdict(list)
    for reader in Reader.objects.iterator(A_CALL):
        mask = sum(bit for bit, interests in told if not interests.isdisjoint(reader.interests))
        chosen[reader.language, mask].append(reader)
    for (language, mask), readers in chosen.items():
        yield compose(mails[language], mask), iter(readers)


def send(mail: Mail, readers: list[Reader], connection: Any) -> None:
    """One call, and a row for each of its recipients."""
    message = AnymailMessage(
        subject=mail["subject"],
        body=mail["text"],
        from_email=mail["from"],
        to=[reader.address for reader in readers],
        reply_to=[mail["reply_to"]],
        headers=mail["headers"],
        connection=connection,
        merge_data={reader.address: reader.tokens for reader in readers},
        merge_metadata={reader.address: {"delivery": str(reader.pk)} for reader in readers},
    )
    message.attach_alternative(mail["html"], "text/html")
    message.send()
    found = [(one, message.anymail_status.recipients[one.address]) for one in readers]
    Status.objects.bulk_create(
        Status(reader=one, status=its.status, message_id=its.message_id) for one, its in found
    )


def send_each(mail: Mail, readers: list[Reader], connection: Any) -> None:
    """The same over SMTP: a mail each over the open connection, and then the rows."""
    bodies = mail["text"], mail["html"]
    connection.send_messages(
        [single(mail, one, *(filled(body, one) for body in bodies)) for one in readers]
    )
    Status.objects.bulk_create(Status(reader=one, status="sent", message_id="") for one in readers)


def single(mail: Mail, reader: Reader, text: str, html: str) -> EmailMultiAlternatives:
    """The mail of one reader."""
    message = EmailMultiAlternatives(
        subject=mail["subject"],
        body=text,
        from_email=mail["from"],
        to=[reader.address],
        reply_to=[mail["reply_to"]],
        headers={name: filled(value, reader) for name, value in mail["headers"].items()},
    )
    message.attach_alternative(html, "text/html")
    return message


def filled(text: str, reader: Reader) -> str:
    """With the reader's tokens in their places."""
    for name, value in reader.tokens.items():
        text = text.replace(f"%recipient.{name}%", value)
    return text
