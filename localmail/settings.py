"""The knobs there are, and what each can be told: in comes JSON, out comes the same, checked.

Before a call is taken they are asked in the order of this list, and the first that fires answers.
After it was taken: delay, hang, reset_after, error_after, unreadable, drip. With `addresses`, a
knob counts only what is for one of them. Knobs of HTTP can be meant for sending, for look-ups or
for both (`on`); those of SMTP begin with `smtp_`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Check = tuple[Callable[[Any], bool], str]


def _number(least: float, most: float) -> Check:
    return (
        lambda value: (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and least <= value <= most
        ),
        f"a number from {least:g} to {most:g}",
    )


def _whole(least: int, most: int) -> Check:
    return (
        lambda value: isinstance(value, int) and not isinstance(value, bool)
        and least <= value <= most,
        f"a whole number from {least} to {most}",
    )  # fmt: skip


def _one_of(*values: Any) -> Check:
    return (
        lambda value: value in values and not isinstance(value, bool),
        f"one of {', '.join(map(str, values))}",
    )


WHEN: dict[str, Check] = {
    "next": _whole(1, 1_000_000_000),
    "from": _whole(1, 1_000_000_000),
    "chance": _number(0, 1),
    "seed": _whole(0, 2**63),
}
ADDRESSES: Check = (
    lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    "a list of addresses",
)
SECONDS = _number(0, 3600)
ON = {"on": _one_of("send", "look-up", "any")}
TO = {"addresses": ADDRESSES}
LATER = _whole(400, 499)
NEVER = _whole(500, 599)
RETRY_AFTER = {"retry_after": _whole(0, 1_000_000), **ON}
QUOTA = {"recipients": _whole(0, 1_000_000_000), "resets_in": _number(0.01, 1_000_000)}

# Name: what it does, what it must be told, what it can be told besides WHEN.
KNOBS: dict[str, tuple[str, tuple[str, ...], dict[str, Check]]] = {
    "unauthorized": ("401: the key is no longer good.", (), ON),
    "payment": ("402: the account is not paid for.", (), ON),
    "forbidden": ("403: the account may not send.", (), ON),
    "too_many": ("429, with a Retry-After if retry_after says how long.", (), RETRY_AFTER),
    "unavailable": ("503, with a Retry-After if retry_after says how long.", (), RETRY_AFTER),
    "reset_before": ("The connection is reset, and nothing was taken.", (), ON),
    "hang_before": ("No answer ever, and nothing was taken.", (), ON),
    "refuse_address": (
        "400 for the whole call, as for an address that is none; with `addresses`, of calls to "
        "one of them.",
        (),
        TO,
    ),
    "quota": (
        "A day's `recipients`: 429 (or `status` 420) with Mailgun's words and a Retry-After for a "
        "call that does not fit in. Renewed `resets_in` seconds after its first call, a day "
        "unless told; setting it again renews it at once.",
        ("recipients",),
        {**QUOTA, "status": _one_of(429, 420)},
    ),
    "partial": (
        "Only some recipients are taken: the first `share` of them, or all but `addresses`. The "
        "answer is 500 (`error`) or cannot be read (`unreadable`). Mailgun never does this; a "
        "provider whose calls are not atomic does.",
        (),
        {
            "share": _number(0, 1),
            **TO,
            "answer": _one_of("error", "unreadable"),
        },
    ),
    "delay": ("The answer comes `seconds` after the call was taken.", ("seconds",), ON),
    "hang": ("The call is taken, and never answered.", (), ON),
    "reset_after": ("The call is taken, then the connection is reset.", (), ON),
    "error_after": (
        "The call is taken, the answer is 500, or what `status` says.",
        (),
        {"status": _one_of(500, 502, 504), **ON},
    ),
    "unreadable": (
        "The call is taken, the answer is a 200 that is no JSON (`garbage`) or ends too early "
        "(`truncated`).",
        (),
        {"how": _one_of("garbage", "truncated"), **ON},
    ),
    "drip": ("The answer comes byte by byte, `seconds` apart.", ("seconds",), ON),
    "lag": ("A call shows in look-ups only `seconds` after it was taken.", ("seconds",), {}),
    "smtp_busy": ("421 instead of a welcome, and the end.", (), {"code": LATER}),
    "smtp_auth": ("535: user or password are wrong.", (), {"code": _whole(400, 599)}),
    "smtp_mail_later": ("451 to MAIL.", (), {"code": LATER}),
    "smtp_rcpt_refused": ("550 to RCPT.", (), {"code": NEVER, **TO}),
    "smtp_rcpt_later": ("450 to RCPT.", (), {"code": LATER, **TO}),
    "smtp_quota": (
        "A day's `recipients`, as `quota`: 452 (or `status` 454) to RCPT.",
        ("recipients",),
        {**QUOTA, "status": _one_of(452, 454)},
    ),
    "smtp_data_later": ("451 to DATA, before the mail.", (), {"code": LATER, **TO}),
    "smtp_hang_before": ("No answer ever to the final dot; nothing was taken.", (), TO),
    "smtp_drop_before": ("A reset instead of that answer; nothing was taken.", (), TO),
    "smtp_content": (
        "554 (or another `code` of 400 to 599) to the final dot; nothing was taken.",
        (),
        {"code": _whole(400, 599), **TO},
    ),
    "smtp_delay": ("The mail is taken, and answered `seconds` later.", ("seconds",), TO),
    "smtp_hang": ("The mail is taken, and never answered.", (), TO),
    "smtp_drop_after": ("The mail is taken, then the connection is reset.", (), TO),
}
ALWAYS = {"quota", "smtp_quota", "lag"}
"""Knobs that are simply so while they are set: they take nothing of WHEN."""


def checked(settings: Any) -> dict[str, dict[str, Any]]:
    """The settings, if every knob and option of them is known; else ValueError in words."""
    if not isinstance(settings, dict):
        raise ValueError('Knobs are set as {"name": {"option": value}}.')
    return {name: _checked_one(name, setting) for name, setting in settings.items()}


def known() -> dict[str, dict[str, Any]]:
    """Each knob's words and options, for a person who asks."""
    return {
        name: {
            "does": words,
            "options": {option: check[1] for option, check in _options(name).items()},
        }
        for name, (words, _, _) in KNOBS.items()
    }


def _checked_one(name: str, setting: Any) -> dict[str, Any]:
    if name not in KNOBS:
        raise ValueError(f"There is no knob {name!r}. There are: {', '.join(KNOBS)}.")
    if not isinstance(setting, dict):
        raise ValueError(f"{name} is set with an object, not {setting!r}.")
    options = _options(name)
    for option, value in setting.items():
        if option not in options:
            raise ValueError(f"{name} knows {', '.join(options)}, not {option!r}.")
        fits, words = options[option]
        if not fits(value):
            raise ValueError(f"{option} of {name} must be {words}, not {value!r}.")
    if missing := set(KNOBS[name][1]) - setting.keys():
        raise ValueError(f"{name} must be told {', '.join(missing)}.")
    return dict(setting)


def _options(name: str) -> dict[str, Check]:
    _, needed, own = KNOBS[name]
    options = own if "seconds" not in needed else {"seconds": SECONDS, **own}
    return options if name in ALWAYS else {**options, **WHEN}
