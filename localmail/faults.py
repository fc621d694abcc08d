"""The knobs of the HTTP door: in comes a call on its way, out comes a refusal or a bad answer."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from email.utils import formatdate
from typing import Any

from localmail.exchange import Answer, as_json
from localmail.knobs import Knobs
from localmail.mailgun import Call, Refusal
from localmail.silence import NoAnswer

REFUSALS = {
    "unauthorized": (401, "Invalid private key"),
    "payment": (402, "Payment required: please pay the open invoices of this account"),
    "forbidden": (403, "Domain {domain} is not allowed to send: the account is disabled"),
    "too_many": (429, "Too many requests, please slow down"),
    "unavailable": (503, "Service unavailable"),
}
BAD_ADDRESS = "to parameter is not a valid address. please check documentation"
OVER_QUOTA = (
    "Domain {domain} is not allowed to send: recipient limit exceeded, try again after {when}"
)
GARBAGE = b"<html><body>Welcome to nginx!</body></html>"


def before(knobs: Knobs, door: str, domain: str) -> None:
    """Refuse or lose a request of which nothing was read yet."""
    for name, (status, words) in REFUSALS.items():
        if setting := knobs.fire(name, door=door, refused=status):
            raise _refusal(status, words.format(domain=domain), setting.get("retry_after"))
    if knobs.fire("reset_before", door=door):
        raise NoAnswer
    if knobs.fire("hang_before", door=door):
        raise NoAnswer(knobs.normal)


def refuse(knobs: Knobs, call: Call) -> None:
    """Refuse a call for what is in it."""
    addresses = [address for address, _, _ in call.recipients]
    about = {"tags": call.body["tags"], "size": len(addresses)}
    if knobs.fire("refuse_address", addresses=addresses, refused=400, **about):
        raise _refusal(400, BAD_ADDRESS)
    if over := knobs.over_quota("quota", len(addresses), usual=429, tags=call.body["tags"]):
        seconds, status = over
        words = OVER_QUOTA.format(
            domain=call.domain, when=formatdate(time.time() + seconds).replace("-0000", "UTC")
        )
        raise _refusal(status, words, math.ceil(seconds))


def part(knobs: Knobs, call: Call) -> tuple[Call, Answer | None]:
    """The part of a call that is taken, and the answer to it unless it is all of it."""
    setting = knobs.asked("partial", addresses=[address for address, _, _ in call.recipients])
    if setting is None:
        return call, None
    if "addresses" in setting:
        out = {address.lower() for address in setting["addresses"]}
        taken = [one for one in call.recipients if one[0].lower() not in out]
    else:
        taken = call.recipients[: math.ceil(len(call.recipients) * setting.get("share", 0.5))]
    kept = {address for address, _, _ in taken}
    left_out = [address for address, _, _ in call.recipients if address not in kept]
    knobs.note(knob="partial", tags=call.body["tags"], taken=len(taken), left_out=left_out)
    answer = _error(500) if setting.get("answer") != "unreadable" else _garbage()
    return replace(call, recipients=taken), answer


def after(knobs: Knobs, door: str, answer: Answer, **facts: Any) -> Answer:
    """Delay, spoil or lose the answer to what was done."""
    if setting := knobs.fire("delay", door=door, **facts):
        knobs.wait(setting["seconds"])
    if knobs.fire("hang", door=door, **facts):
        raise NoAnswer(knobs.normal)
    if knobs.fire("reset_after", door=door, **facts):
        raise NoAnswer
    if setting := knobs.fire("error_after", door=door, **facts):
        answer = _error(setting.get("status", 500))
    if setting := knobs.fire("unreadable", door=door, **facts):
        cut = len(answer.body) // 2
        truncated = replace(answer, body=answer.body[:cut], missing=len(answer.body) - cut)
        answer = truncated if setting.get("how") == "truncated" else _garbage()
    if setting := knobs.fire("drip", door=door, **facts):
        answer = replace(answer, drip=setting["seconds"])
    return answer


def _refusal(status: int, words: str, retry_after: int | None = None) -> Refusal:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Refusal(status, words, headers=headers, noted=True)


def _error(status: int) -> Answer:
    return as_json({"message": "Internal Server Error"}, status)


def _garbage() -> Answer:
    return Answer(GARBAGE, content_type="text/html")
