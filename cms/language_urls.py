"""Addresses under a language that are not pages of the tree."""

from __future__ import annotations

from django.urls import path

from cms import reaction_views, story_views, submission_views, topic_views, views
from cms.demo import doors, tour
from cms.feeds import CountryFeed, SiteFeed, TopicFeed

urlpatterns = [
    path("members/me/stories/", story_views.mine, name="my_stories"),
    path("members/stories/new/", submission_views.write, name="story_new"),
    path("members/stories/pictures/<slug:key>/", submission_views.picture, name="story_picture"),
    path("members/stories/<slug:key>/", submission_views.write, name="story_write"),
    path("members/stories/<slug:key>/back/", submission_views.withdraw, name="story_withdraw"),
    path("demo/", tour.tour, name="demo"),
    path("demo/as/", doors.enter, name="demo_as"),
    path("demo/story/", doors.begin, name="demo_story"),
    path("demo/<str:issue>/<str:key>/", tour.mail, name="demo_mail"),
    path("said/<uuid:story>/", reaction_views.say, name="say"),
    path("read/<uuid:key>/", views.read_here, name="read_here"),
    path("search/", views.search_pages, name="search"),
    path("topics/", topic_views.topic_index, name="topics"),
    path("feeds/", topic_views.feeds, name="feeds"),
    path("topics/<slug:code>/", topic_views.topic_page, name="topic"),
    path("calendar/<uuid:key>.ics", topic_views.calendar, name="calendar"),
    path("feed/", SiteFeed(), name="feed"),
    path("feed/countries/<slug:code>/", CountryFeed(), name="country_feed"),
    path("feed/topics/<slug:code>/", TopicFeed(), name="topic_feed"),
]
