"""Addresses without a language: for machines."""

from __future__ import annotations

from django.contrib.sitemaps.views import sitemap
from django.urls import path

from cms import views
from cms.sitemaps import PageSitemap, TopicSitemap

SITEMAPS = {"pages": PageSitemap, "topics": TopicSitemap}

urlpatterns = [
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
]
