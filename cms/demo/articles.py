"""The pack's stories, calls and country pages, published over the past weeks; what stands is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.html import escape
from django.utils.text import slugify
from wagtail.models import Page
from wagtail.rich_text import RichText

from alumni.models import CourseRun
from alumni.vocabulary import country_name
from cms.demo import pictures
from cms.founding import publish
from cms.models import (
    Content,
    CountryIndexPage,
    CountryPage,
    FirstLive,
    Picture,
    ShortTranslation,
    StoryIndexPage,
    StoryPage,
    UpdateIndexPage,
    UpdatePage,
)

if TYPE_CHECKING:
    from packs.demonstration import CountryPlan, PageText, ShortText, StoryPlan, UpdatePlan
