"""The members' addresses, all behind the sign-in; mounted under the language."""

from django.urls import path

from alumni import directory_views, views

app_name = "alumni"
urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/join/", views.join, name="join"),
    path("me/who-may-find-me/", views.choose_visibility, name="choose_visibility"),
    path("me/newsletters/", views.subscribe, name="subscribe"),
    path("", directory_views.people, name="people"),
    path("courses/<slug:slug>/", directory_views.course, name="course"),
    path("me/seen-by/<slug:who>/", directory_views.seen_by, name="seen_by"),
    path("me/still-right/", directory_views.still_right, name="still_right"),
    path("me/posts/", directory_views.my_positions, name="positions"),
    path("me/posts/moved/", directory_views.moved, name="moved"),
    path("me/contact/", directory_views.contact, name="contact"),
    path("<str:key>/", views.member, name="member"),
]
