"""What the engine remembers; rules about one row stand with the row."""

from newsletters.models.budgets import Report, SendBudget
from newsletters.models.consents import Consent, Suppression, not_to_be_mailed
from newsletters.models.deliveries import Attempt, Batch, Delivery, Letter
from newsletters.models.editions import Edition, Fragment
from newsletters.models.imports import ReaderRow, ReaderTable
from newsletters.models.issues import Issue
from newsletters.models.links import FreshLink, OneTimeLink
from newsletters.models.newsletters import (
    Cadence,
    Frequency,
    Newsletter,
    Pulse,
    SiteInstance,
    Wording,
)
from newsletters.models.plans import Passage, Step
from newsletters.models.subscribers import CONFIRM_WITHIN, Subscriber, Subscription

__all__ = [
    "CONFIRM_WITHIN",
    "Attempt",
    "Batch",
    "Cadence",
    "Consent",
    "FreshLink",
    "Delivery",
    "Edition",
    "Fragment",
    "Frequency",
    "Issue",
    "Letter",
    "Newsletter",
    "OneTimeLink",
    "Passage",
    "Pulse",
    "ReaderRow",
    "ReaderTable",
    "Report",
    "SendBudget",
    "SiteInstance",
    "Step",
    "Subscriber",
    "Subscription",
    "Suppression",
    "not_to_be_mailed",
    "Wording",
]
