"""Addresses under a language that are not pages of the tree."""

from __future__ import annotations

from django.urls import path

from cms import reaction_views, story_views, views
from cms.feeds import SiteFeed

urlpatterns = [
    path("members/me/stories/", story_views.mine, name="my_stories"),
    path("said/<uuid:story>/", reaction_views.say, name="say"),
    path("search/", views.search_pages, name="search"),
    path("feed/", SiteFeed(), name="feed"),
]
