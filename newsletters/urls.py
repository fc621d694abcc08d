"""Pages that people open, under the language: `/en/newsletters/…`."""

from django.urls import path
from django.views.decorators.http import require_safe

from newsletters import views
from newsletters.feeds import NewsletterFeed

app_name = "newsletters"
urlpatterns = [
    path("", views.index, name="list"),
    path("subscribe/", views.subscribe, name="subscribe"),
    path("asked/", views.asked, name="asked"),
    path("link/", views.link, name="link"),
    path("<slug:newsletter>/feed/", require_safe(NewsletterFeed()), name="feed"),
    path("<slug:newsletter>/<str:key>/", views.issue, name="issue"),
]
