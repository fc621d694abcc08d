"""Everything kept about somebody, as one file: a page to read, and the same for programs.

In: rows of models. Out: sections of them in words, and a zip with `data.json` and `my-data.html`.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_bidi, gettext

from newsletters.models import (
    Consent,
    Delivery,
    Passage,
    Subscriber,
    Subscription,
    Suppression,
)
from newsletters.sources import Section

SECRETS = frozenset({"password", "session_key", "hash", "address_hash", "is_withheld"})
"""Not the person's to know in the clear, or somebody else's: what blocks whom."""

Remark = Callable[[Model], Sequence[tuple[str, str, Any]]]
"""What is added to a row: (name for programs, name in words, value)."""


def section(
    model: type[Model],
    rows: Iterable[Model],
    *,
    left_out: Collection[str] = (),
    remark: Remark = lambda row: (),
    keys: bool = False,
) -> Section:
    """The rows of one model without what is secret, left out, or (unless `keys`) a bare number."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if field.name not in SECRETS
        and field.name not in left_out
        and not field.generated  # what is searched says nothing that its sources do not
        and (keys or not field.primary_key)
    ]
    found = list(rows)
    return Section(
        label=model._meta.label,
        title=str(capfirst(model._meta.verbose_name_plural)),
        rows=tuple(
            {field.attname: getattr(row, field.attname) for field in fields}
            | {name: value for name, _words, value in remark(row)}
            for row in found
        ),
        shown=tuple(_in_words(row, fields, remark) for row in found),
    )


def of_reader(subscriber: Subscriber) -> list[Section]:
    """What the engine keeps of a reader, model by model."""
    pk = subscriber.pk
    subscriptions = Subscription.objects.filter(subscriber=pk).select_related("newsletter")
    deliveries = Delivery.objects.filter(subscriber_id=pk).select_related("issue__newsletter")
    return [
        section(Subscriber, [subscriber]),
        section(Subscription, subscriptions),
        section(Passage, Passage.objects.filter(subscriber=pk).select_related("step", "issue")),
        section(Delivery, deliveries),
        section(Suppression, Suppression.objects.filter(address=subscriber.address)),
        section(Consent, Consent.objects.filter(subject=f"subscriber:{pk}")),
    ]


def archive(sections: Sequence[Section], *, name: str) -> bytes:
    """The zip, in the language of the moment; `name` stands above the page."""
    made_at = timezone.now()
    data = {"made_at": made_at} | {section.label: section.rows for section in sections}
    page = render_to_string(
        "newsletters/everything.html",
        {
            "sections": [section for section in sections if section.rows],
            "made_at": made_at,
            "name": name,
            "language": get_language(),
            "direction": "rtl" if get_language_bidi() else "ltr",
        },
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archived:
        machine = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        archived.writestr("data.json", machine)
        archived.writestr("my-data.html", page)
    return target.getvalue()


def _in_words(row: Model, fields: Sequence[Any], remark: Remark) -> tuple[tuple[str, str], ...]:
    said = []
    for field in fields:
        display = getattr(row, f"get_{field.name}_display", None)
        value = display() if display else getattr(row, field.name)
        if value in (None, "", [], {}):
            continue
        if isinstance(value, list):
            value = ", ".join(map(str, value))
        said.append((str(capfirst(field.verbose_name)), _said(value)))
    return (*said, *((words, _said(value)) for _name, words, value in remark(row)))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dt.datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, dt.date):
        return date_format(value)
    return str(value)
