"""The data that makes this product one centre's: read from YAML once, when the settings load.

In goes the folder's name, out comes a frozen `Pack`. Nothing here imports anything of ours;
all others ask `django.conf.settings.PACK`.
"""

from packs.model import (
    Choice,
    Course,
    Module,
    NewsletterPlan,
    Pack,
    Programme,
    Project,
    Region,
    Role,
    Run,
    Topic,
    Training,
)
from packs.names import country_name, language_name
from packs.reading import BrokenPack, load, read_yaml

__all__ = [
    "BrokenPack",
    "Choice",
    "Course",
    "Module",
    "NewsletterPlan",
    "Pack",
    "Programme",
    "Project",
    "Region",
    "Role",
    "Run",
    "Topic",
    "Training",
    "country_name",
    "language_name",
    "load",
    "read_yaml",
]
