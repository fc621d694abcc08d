"""Pages that people open, under the language: `/en/newsletters/…`."""

from django.urls import path

from newsletters import views

app_name = "newsletters"
urlpatterns = [
    path("", views.index, name="list"),
    path("subscribe/", views.subscribe, name="subscribe"),
    path("asked/", views.asked, name="asked"),
    path("link/", views.link, name="link"),
    path("<slug:newsletter>/<str:key>/", views.issue, name="issue"),
]
