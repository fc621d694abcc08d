"""The members' addresses, all behind the sign-in; mounted under the language."""

from django.urls import path

from alumni import doors_views, mailbox_views, views

app_name = "alumni"
urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/join/", views.join, name="join"),
    path("me/who-may-find-me/", views.choose_visibility, name="choose_visibility"),
    path("me/newsletters/", views.subscribe, name="subscribe"),
    path("me/mailbox/", mailbox_views.choose_mailbox, name="choose_mailbox"),
    path("invitation/", doors_views.invitation_asked, name="invitation_asked"),
    path("invitation/<str:token>/", doors_views.invitation, name="invitation"),
    path("slip/", doors_views.slip, name="slip"),
    path("<str:key>/", views.member, name="member"),
]
