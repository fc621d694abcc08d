"""django-post-office: every mail queued with its template, then its command with two processes."""

from __future__ import annotations

import os
from functools import partial
from itertools import islice
from typing import Any

from django.core.management import call_command
from post_office import mail as post
from post_office.models import EmailTemplate

from benchmarks.driver import Race, as_template, content
from benchmarks.people import Reader, readers

PROCESSES, A_TIME = 2, 1000
Issue = dict[str, tuple[EmailTemplate, dict[str, Any]]]
"""A template, and From line, reply-to and headers, by language."""


def prepare() -> Race:
    """The issue as the package keeps it."""
    call_command("migrate", verbosity=0)
    issue = {}
    for language, mail in content("written").items():
        template = EmailTemplate.objects.create(
            name=f"issue-{language}",
            subject=mail["subject"],
            content=as_template(mail["text"], u="u", p="p"),
            html_content=as_template(mail["html"], u="u", p="p"),
        )
        issue[language] = template, mail
    return partial(race, issue, list(readers(int(os.environ["BENCH_SIZE"]))))


def race(issue: Issue, people: list[Reader]) -> None:
    queue = iter(people)
    while some := [mail_of(one, *issue[one.language]) for one in islice(queue, A_TIME)]:
        post.send_many(some)
    lock = f"{os.environ['BENCH_SIGNS']}/lock"
    call_command("send_queued_mail", processes=PROCESSES, lockfile=lock)


def mail_of(reader: Reader, template: EmailTemplate, mail: dict[str, Any]) -> dict[str, Any]:
    """What `send_many` takes for one reader."""
    headers = {"Reply-To": mail["reply_to"]}
    for name, value in mail["headers"].items():
        headers[name] = value.replace("%recipient.u%", reader.unsubscribe)
    return {
        "recipients": [reader.address],
        "sender": mail["from"],
        "template": template,
        "context": {"u": reader.unsubscribe, "p": reader.preferences},
        "headers": headers,
        "render_on_delivery": True,
    }
