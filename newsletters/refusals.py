"""What mail services say when they refuse, and which class of `Attempt.Outcome` that is.

One table a service, read from the top; then `COMMON`. What stands in neither is ambiguous: a row
is here only where the service's documentation, or an answer seen from it, says that nothing of
the call was taken. `words` are searched in the answer written as `key=value;` in lower case.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsletters.models import Attempt

Kind = Attempt.Outcome


@dataclass(frozen=True)
class Refusal:
    """One row: the answers with this status (None: any) and these words (a regular expression)."""

    kind: Attempt.Outcome
    status: int | None = None
    words: str = ""


COMMON = (
    *(Refusal(Kind.CONTENT, status) for status in (400, 413, 422)),
    *(Refusal(Kind.ACCOUNT, status) for status in (401, 402, 403, 404)),
    Refusal(Kind.NOT_SENT, 429),
)

TABLES: dict[str, tuple[Refusal, ...]] = {
    # documentation.mailgun.com/docs/mailgun/quickstart-guide/responses; the words of the limit,
    # with status 420, from mailgun/mailgun-java#50. The welcome page means a wrong address.
    "mailgun": (
        Refusal(Kind.QUOTA, words=r"limit exceeded, try again after"),
        Refusal(Kind.QUOTA, 420),
        Refusal(Kind.RECIPIENT, 400, r"'to' parameter|=to parameter is not a valid"),
        Refusal(Kind.NOT_SENT, 503),
        Refusal(Kind.ACCOUNT, 200, r"mailgun magnificent api"),
    ),
    # developers.brevo.com/docs/heterogenous-versions-batch-emails: the key of a call that was
    # processed less than half an hour ago. The words about `to` are from getbrevo/brevo-node#40.
    "brevo": (
        Refusal(Kind.ACCEPTED, 400, r"code=duplicate_parameter;"),
        Refusal(Kind.QUOTA, words=r"code=not_enough_credits;"),
        Refusal(Kind.QUOTA, 402),
        Refusal(Kind.RECIPIENT, 400, r"(email|to) is not valid in (to|messageversions)"),
    ),
    # dev.mailjet.com, "Status codes". Each message of a call has its own Errors; Anymail makes
    # statuses of them, so that the last row is asked where it says no more than "failed".
    "mailjet": (
        Refusal(Kind.RECIPIENT, words=r"errorrelatedto=to\b"),
        Refusal(Kind.ACCOUNT, 401),
        Refusal(Kind.ACCOUNT, 403),
        Refusal(Kind.NOT_SENT, 429),
        Refusal(Kind.CONTENT, words=r"status=error;"),
    ),
    "mailtrap": (Refusal(Kind.RECIPIENT, 400, r"errors='to'"),),
    # support.sparkpost.com: 420 is the daily, monthly or sandbox limit; 5002 is "at least one
    # valid recipient is required".
    "sparkpost": (
        Refusal(Kind.QUOTA, 420),
        Refusal(Kind.RECIPIENT, 400, r"code=5002;|at least one valid recipient"),
    ),
    # twilio.com/docs/sendgrid/api-reference/mail-send/errors; an empty account says 401
    # (sendgrid/sendgrid-nodejs#1032); "503: the v3 Web API is not available".
    "sendgrid": (
        Refusal(Kind.QUOTA, words=r"maximum credits exceeded"),
        Refusal(Kind.RECIPIENT, 400, r"field=personalizations(\.\d+)?\.to\b"),
        Refusal(Kind.NOT_SENT, 503),
    ),
    # postmarkapp.com/developer/api/overview#error-codes. 300 about a To and 406 never come here:
    # Anymail makes statuses of them.
    "postmark": (
        Refusal(Kind.QUOTA, words=r"errorcode=405;"),
        Refusal(Kind.ACCOUNT, words=r"errorcode=(10|400|401|412|413|1235);"),
        Refusal(Kind.NOT_SENT, words=r"errorcode=(100|429);"),
    ),
    # resend.com/docs/api-reference/errors. 409 is not here: a key used before, with other words or
    # by a call that still runs, says nothing of what became of that call.
    "resend": (
        Refusal(Kind.QUOTA, 429, r"name=(daily|monthly)_quota_exceeded;|sending quota"),
        Refusal(Kind.ACCOUNT, words=r"api key is invalid|name=(security|missing_api_key)"),
        Refusal(Kind.RECIPIENT, 422, r"invalid `to` field"),
    ),
    # docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html and the errors of
    # SendEmail; botocore raises them with the code in the body.
    "amazon_ses": (
        Refusal(Kind.QUOTA, words=r"daily message quota exceeded|code=limitexceeded"),
        Refusal(Kind.NOT_SENT, words=r"code=(throttling|toomanyrequests)(exception)?;"),
        Refusal(
            Kind.ACCOUNT,
            words=r"code=(accountsuspended|sendingpaused|mailfromdomainnotverified|notfound"
            r"|accessdenied|unrecognizedclient|expiredtoken|missingauthenticationtoken"
            r"|invalidclienttokenid|signaturedoesnotmatch|incompletesignature)(exception)?;"
            r"|address(es)? (is|are) not verified",
        ),
    ),
    # apiv1.postalserver.io/controllers/send/message: refusals come with HTTP 200.
    "postal": (
        Refusal(
            Kind.ACCOUNT,
            200,
            r"code=(invalidserverapikey|accessdenied|serversuspended|unauthenticatedfromaddress);",
        ),
        Refusal(Kind.CONTENT, 200, r"status=(error|parameter-error);"),
    ),
    "scaleway": (
        Refusal(Kind.QUOTA, words=r"type=quotas_exceeded;"),
        Refusal(Kind.RECIPIENT, 400, r"argument_name=to\b"),
    ),
    # developers.mailersend.com/general: #MS42901 is the day's quota, #MS42903 the minute's.
    "mailersend": (
        Refusal(Kind.QUOTA, 429, r"#ms42901|daily quota"),
        Refusal(Kind.RECIPIENT, 422, r"(^|;)to\.\d+\.email="),
        Refusal(Kind.ACCOUNT, 422, r"trial account|domain must be verified"),
    ),
    # mailchimp.com/developer/transactional: every error of the API has status 500; some refused
    # recipients are the account's fault.
    "mandrill": (
        Refusal(Kind.ACCOUNT, words=r"name=(invalid_key|paymentrequired|unknown_subaccount);"),
        Refusal(Kind.CONTENT, words=r"name=validationerror;"),
        Refusal(Kind.ACCOUNT, 200, r"reject_reason=(invalid-sender|unsigned);"),
        Refusal(Kind.QUOTA, 200, r"reject_reason=test-mode-limit;"),
    ),
    # docs.unione.io/web-api-ref (the same service abroad): "503: temporarily offline".
    "unisender_go": (Refusal(Kind.NOT_SENT, 503),),
}
