"""Addresses that stand in mails, short and for ever: `/n/…`. The token is the only key."""

from django.urls import path

from newsletters import views

app_name = "links"
urlpatterns = [
    path("p/<str:token>/", views.preferences, name="preferences"),
    path("u/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("c/<str:token>/", views.confirm, name="confirm"),
]
