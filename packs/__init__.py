"""The data that makes this product one centre's: read from YAML once, when the settings load.

In goes the folder's name, out comes a frozen `Pack`. Nothing here imports anything of ours; all
others ask `django.conf.settings.PACK`. Reading order: values (YAML as typed values), training and
demonstration (parts of a pack), model (the pack), reading (the folder, checked as a whole),
retention (how long data of people is kept, and what a pack shortens of it).
"""

from packs.followup import FollowUp, Question, Wave
from packs.model import (
    Choice,
    Heading,
    NewsletterPlan,
    NoticePlan,
    Pack,
    Pages,
    Region,
    Role,
    Shorter,
    Topic,
)
from packs.names import country_name, language_name
from packs.reading import load
from packs.retention import Policy, Retention, load_retention
from packs.training import Course, Module, Programme, Project, Run, Training
from packs.values import BrokenPack

FIRST = "cairo"
"""The pack of a site that names none."""

__all__ = [
    "FIRST",
    "BrokenPack",
    "Choice",
    "Course",
    "FollowUp",
    "Heading",
    "Module",
    "NewsletterPlan",
    "NoticePlan",
    "Pack",
    "Pages",
    "Policy",
    "Programme",
    "Project",
    "Question",
    "Region",
    "Retention",
    "Role",
    "Run",
    "Shorter",
    "Topic",
    "Training",
    "Wave",
    "country_name",
    "language_name",
    "load",
    "load_retention",
]
