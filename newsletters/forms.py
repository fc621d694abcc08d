"""What readers fill in. Every error says what to do, and nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from itertools import groupby
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import get_language, get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from newsletters.addresses import normalise
from newsletters.interests import followable
from newsletters.models import Frequency, Newsletter, Subscriber, Subscription
from newsletters.sources import EVERYTHING, Interest

SHORTEST_VISIT = 1.0
"""Seconds between opening a form and sending it; programs are quicker than people."""
LONGEST_VISIT = 24 * 3600
"""Seconds a form stays good: one that was kept serves no program for ever."""
PAUSES = {"": 0, "30": 30, "90": 90, "180": 180}
"""Days of rest."""
PAUSE_CHOICES = [
    ("", _("no, keep it coming")),
    ("30", _("for a month")),
    ("90", _("for three months")),
    ("180", _("for half a year")),
]


class AddressField(forms.CharField):
    """An e-mail address, normalised; the widget brings up the right keyboard."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"type": "email", "autocomplete": "email", "dir": "ltr", "inputmode": "email"}
        super().__init__(
            label=kwargs.pop("label", _("Your e-mail address")),
            max_length=254,
            widget=forms.TextInput(attrs=attributes),
            **kwargs,
        )

    def clean(self, value: object) -> str:
        return normalise(super().clean(value))


class TrappedForm(forms.Form):
    """A form that programs fill in differently from people: a field nobody sees, and haste."""

    website = forms.CharField(required=False, widget=forms.HiddenInput)
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened"].initial = TimestampSigner(salt="opened").sign(f"{time.time():.2f}")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            opened = float(
                TimestampSigner(salt="opened").unsign(
                    cleaned.get("opened", ""), max_age=LONGEST_VISIT
                )
            )
        except (BadSignature, ValueError):
            opened = 0.0
        if cleaned.get("website") or not 0 < opened <= time.time() - SHORTEST_VISIT:
            self.data = cast(QueryDict, self.data).copy()
            self.data["opened"] = self.fields["opened"].initial
            raise forms.ValidationError(_("Nothing is lost: please press the button once more."))
        return cleaned


class SubscribeForm(TrappedForm):
    """One line: address, language, how often; and what to follow, as the page it stands on says."""

    address = AddressField()
    newsletter = forms.ModelChoiceField(
        Newsletter.objects.filter(is_open=True),
        to_field_name="slug",
        label=_("Newsletter"),
        empty_label=None,
    )
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=_("Language"))
    frequency = forms.ChoiceField(
        choices=Frequency.choices, initial=Frequency.WEEKLY, label=_("How often")
    )
    follow = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    @cached_property
    def follows(self) -> list[Interest]:
        """What was asked for and can be followed; nothing stands for everything."""
        language = get_language() or settings.LANGUAGE_CODE
        return followable(self["follow"].value() or (), language)

    @property
    def in_words(self) -> str:
        """The same as a reader reads it."""
        return " · ".join(one.label for one in self.follows) or gettext("everything")

    def clean(self) -> dict[str, Any]:
        """A code that is no longer offered is dropped; everything instead of it takes a yes."""
        cleaned = super().clean()
        if cleaned.get("follow") and not self.follows:
            raise forms.ValidationError(
                _(
                    "What this page was about can no longer be followed by itself."
                    " Press the button again to receive everything."
                )
            )
        return cleaned | {"follow": [one.code for one in self.follows]}


class LinkForm(TrappedForm):
    """An address that wants its preference link."""

    address = AddressField()


class NewMailboxForm(forms.Form):
    """The address that everything is to come to."""

    address = AddressField(label=_("Your new e-mail address"))


class LanguagesForm(forms.Form):
    """The languages a reader reads, best first: as many lists as there are languages."""

    def __init__(self, *args: Any, subscriber: Subscriber, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = [_("First language"), _("Second language"), _("Third language")]
        labels += [_("Fourth language"), _("Fifth language"), _("Sixth language")]
        choices = [(code, get_language_info(code)["name_local"]) for code, _n in settings.LANGUAGES]
        for place, _language in enumerate(settings.LANGUAGES):
            chosen = subscriber.languages[place : place + 1]
            self.fields[f"language_{place}"] = forms.ChoiceField(
                label=labels[place],
                choices=choices if place == 0 else [("", _("none")), *choices],
                initial=chosen[0] if chosen else "",
                required=place == 0,
            )

    @property
    def languages(self) -> list[str]:
        """The cleaned choice without gaps and repetitions."""
        return list(dict.fromkeys(code for code in self.cleaned_data.values() if code))


class ReadingForm(forms.Form):
    """How newsletters look to a reader."""

    plain_text = forms.BooleanField(
        label=_("Send me plain text only"),
        required=False,
        help_text=_("The same words and links, without pictures, colours and columns."),
    )

    def __init__(self, *args: Any, subscriber: Subscriber, **kwargs: Any) -> None:
        kwargs["initial"] = {"plain_text": subscriber.plain_text}
        super().__init__(*args, **kwargs)


class PreferencesForm(forms.Form):
    """What of one newsletter, how often, and whether to rest."""

    frequency = forms.ChoiceField(
        choices=Frequency.choices, label=_("How often"), widget=forms.RadioSelect
    )
    follows = forms.ChoiceField(
        label=_("What I follow"),
        widget=forms.RadioSelect,
        choices=[(EVERYTHING, _("Everything")), ("chosen", _("Only what I tick below"))],
    )
    interests = forms.MultipleChoiceField(
        label=_("Countries and topics"), widget=forms.CheckboxSelectMultiple, required=False
    )
    pause = forms.ChoiceField(
        label=_("Rest for a while"),
        required=False,
        choices=PAUSE_CHOICES,
    )

    def __init__(
        self, *args: Any, subscription: Subscription, interests: Iterable[Interest], **kwargs: Any
    ) -> None:
        chosen = [code for code in subscription.interests if code != EVERYTHING]
        kwargs["initial"] = {
            "frequency": subscription.frequency,
            "follows": EVERYTHING if EVERYTHING in subscription.interests else "chosen",
            "interests": chosen,
        }
        super().__init__(*args, **kwargs)
        self.subscription = subscription
        if subscription.newsletter.kind == Newsletter.Kind.WRITTEN:
            for name in ("frequency", "follows", "interests"):  # it comes when it is written
                del self.fields[name]
        else:
            self._offer(interests)
        if self.is_paused:
            pause = cast(forms.ChoiceField, self.fields["pause"])
            until = timezone.localtime(self.subscription.paused_until)
            words = gettext("until %(date)s, as it is") % {"date": date_format(until)}
            pause.choices = [("keep", words), *PAUSE_CHOICES]
            self.initial["pause"] = "keep"

    def _offer(self, interests: Iterable[Interest]) -> None:
        topics = cast(forms.MultipleChoiceField, self.fields["interests"])
        topics.choices = [
            (group, [(interest.code, interest.label) for interest in members])
            for group, members in groupby(interests, key=lambda interest: interest.group)
        ]

    @property
    def is_paused(self) -> bool:
        """Whether the subscription rests at the moment."""
        until = self.subscription.paused_until
        return until is not None and until > timezone.now()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("follows") == "chosen" and not cleaned.get("interests"):
            self.add_error("interests", _("Tick at least one, or choose “Everything”."))
        return cleaned

    @property
    def wanted(self) -> dict[str, Any]:
        """The cleaned answers as `subscriptions.prefer` takes them."""
        cleaned, until = self.cleaned_data, None
        if cleaned["pause"] == "keep":
            until = self.subscription.paused_until
        elif days := PAUSES[cleaned["pause"]]:
            until = timezone.now() + dt.timedelta(days=days)
        everything = cleaned.get("follows") == EVERYTHING
        chosen = cleaned.get("interests", self.subscription.interests)
        return {
            "frequency": cleaned.get("frequency", self.subscription.frequency),
            "interests": [EVERYTHING] if everything else chosen,
            "paused_until": until,
        }
