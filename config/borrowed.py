"""Sentences of Django and allauth that this site says in its own words: our catalogues come first.

Their own translations are wrong there (an Arabic plural, a broken value) or against what Portuguese
writes today (months in capitals). Nothing imports this module: the catalogues are made from it.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop, ngettext_lazy

SENTENCES = [
    gettext_noop("January"),
    gettext_noop("February"),
    gettext_noop("March"),
    gettext_noop("April"),
    gettext_noop("May"),
    gettext_noop("June"),
    gettext_noop("July"),
    gettext_noop("August"),
    gettext_noop("September"),
    gettext_noop("October"),
    gettext_noop("November"),
    gettext_noop("December"),
    gettext_noop("Be patient, you are sending too many requests."),
    gettext_noop("Cancel"),
    gettext_noop("Code"),
    gettext_noop("Enter your password:"),
    gettext_noop("Generate"),
    gettext_noop("Incorrect code."),
    gettext_noop("MFA"),
    gettext_noop("Your account has no verified email address."),
]
COUNTED = [
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
    ),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    ngettext_lazy(
        "There is %(unused_count)s out of %(total_count)s recovery codes available.",
        "There are %(unused_count)s out of %(total_count)s recovery codes available.",
    ),
]
