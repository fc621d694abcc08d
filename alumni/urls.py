"""The members' addresses, all behind the sign-in; mounted under the language."""

from django.urls import path

from alumni import views

app_name = "alumni"
urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/join/", views.join, name="join"),
    path("me/who-may-find-me/", views.choose_visibility, name="choose_visibility"),
    path("me/newsletters/", views.subscribe, name="subscribe"),
    path("<str:key>/", views.member, name="member"),
]
