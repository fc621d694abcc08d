"""What the replies of an SMTP server mean, by the stage at which they come (RFC 5321, RFC 3463).

RFC 5321, 4.2.5: whatever comes after the final dot with 4yz or 5yz, the server has not taken the
mail and must not deliver it.
"""

from __future__ import annotations

import re
import smtplib
import ssl

from newsletters.refusals import Kind
from newsletters.smtp import NothingLeft

ENHANCED = re.compile(r"\b[45]\.(\d{1,3}\.\d{1,3})\b")
QUOTA = re.compile(
    # Amazon SES: 454 Throttling failure: Daily message quota exceeded. Google: 550 5.4.5 Daily
    # user sending limit exceeded. Mailgun: 421 … recipient limit exceeded, try again after ….
    r"(daily|hourly|monthly)\b.{0,40}\b(limit|quota)|limit exceeded, try again"
    r"|submissionquotaexceeded|sending (limit|quota)",
    re.IGNORECASE,
)
SIGN_IN = {530, 534, 535, 538}
NOT_OURS = re.compile(r"relay|authenticat|not allowed to send", re.IGNORECASE)
ABOUT_SENDER = {"1.7", "1.8"}
TOO_LARGE = "3.4"


def reply(error: BaseException) -> tuple[int, str]:
    """Code and words of the server; 0 and nothing where it said none."""
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, _text(error.smtp_error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()), (0, b""))
        return code, _text(words)
    return 0, ""


def kind(error: BaseException) -> Kind:
    """The class of what our SMTP back-end raised; ambiguous wherever the stage is not certain."""
    if isinstance(error, NothingLeft):
        return _before(error.__cause__)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _refused(*reply(error), stage="sender")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refused(*reply(error), stage="recipient")
    if isinstance(error, smtplib.SMTPDataError):
        return _refused(*reply(error), stage="mail")
    return Kind.AMBIGUOUS


def _before(cause: BaseException | None) -> Kind:
    """Nothing left: all that is open is whether another try can help."""
    if isinstance(cause, smtplib.SMTPResponseException):
        found = _refused(*reply(cause), stage="connection")
        return Kind.NOT_SENT if found == Kind.AMBIGUOUS else found
    if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Kind.NOT_SENT
    if isinstance(cause, ssl.SSLError | smtplib.SMTPNotSupportedError):
        return Kind.ACCOUNT
    if isinstance(cause, ValueError):
        return Kind.CONTENT
    # smtplib's bare error: none of the ways to sign in that the server offers is known.
    return Kind.ACCOUNT if type(cause) is smtplib.SMTPException else Kind.NOT_SENT


def _refused(code: int, words: str, *, stage: str) -> Kind:
    found = ENHANCED.search(words)
    about = found.group(1) if found else ""
    if not 400 <= code <= 599:
        return Kind.AMBIGUOUS
    # x.2.x speaks of the reader's mailbox, whose quota is no concern of ours.
    if QUOTA.search(words) and not about.startswith("2."):
        return Kind.QUOTA
    if code < 500:
        return Kind.NOT_SENT
    if code in SIGN_IN or stage == "connection" or about in ABOUT_SENDER:
        return Kind.ACCOUNT
    if about.startswith("1."):
        return Kind.RECIPIENT
    if stage == "sender":
        return Kind.CONTENT if code == 552 or about == TOO_LARGE else Kind.ACCOUNT
    if stage == "recipient":
        return Kind.ACCOUNT if NOT_OURS.search(words) else Kind.RECIPIENT
    return Kind.CONTENT


def _text(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words
