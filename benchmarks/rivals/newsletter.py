"""django-newsletter: a newsletter a language, submitted, and its command sends what is queued.

One process: two of its commands side by side would both take every submission.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import django

from benchmarks.driver import as_template, content, race
from benchmarks.people import readers

OWN = "subscription.activation_code"


def write_templates(folder: Path) -> None:
    """The issue as the newsletter's own templates, which is how the package is given a design."""
    for language, mail in content("written").items():
        own = folder / "newsletter" / "message" / language
        own.mkdir(parents=True)
        (own / "message_subject.txt").write_text(mail["subject"])
        (own / "message.txt").write_text(as_template(mail["text"], u=OWN, p=OWN))
        (own / "message.html").write_text(as_template(mail["html"], u=OWN, p=OWN))


def load() -> None:
    """Newsletters, one message each, and the subscriptions."""
    from newsletter.models import Message, Newsletter, Subscription

    made = {}
    for language in content("written"):
        made[language] = Newsletter.objects.create(
            title=language, slug=language, email="stories@news.example.org", sender="Network"
        )
        Message.objects.create(newsletter=made[language], title=language, slug=language)
    people = readers(int(os.environ["BENCH_SIZE"]))
    while some := list(islice(people, 5000)):
        Subscription.objects.bulk_create(
            Subscription(
                newsletter=made[one.language],
                email_field=one.address,
                activation_code=one.unsubscribe,
                subscribed=True,
            )
            for one in some
        )


def main() -> None:
    write_templates(Path(os.environ["BENCH_SIGNS"]) / "templates")
    django.setup()
    from django.core.management import call_command
    from newsletter.models import Message, Submission

    call_command("migrate", verbosity=0)
    load()

    def run() -> None:
        for message in Message.objects.order_by("pk"):
            submission = Submission.from_message(message)
            submission.prepared = True
            submission.save()
        call_command("submit_newsletter", verbosity=0)

    race(run)


if __name__ == "__main__":
    main()
