"""The members' addresses, all behind the sign-in; mounted under the language."""

from django.urls import path

from alumni import views
from alumni.directory import views as directory_views
from alumni.followup import views as followup_views
from alumni.joining import mailbox as joining_mailbox
from alumni.joining import views as joining_views
from alumni.privacy import views as privacy_views
from alumni.relay import views as relay_views

app_name = "alumni"
urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/join/", views.join, name="join"),
    path("me/who-may-find-me/", views.choose_visibility, name="choose_visibility"),
    path("me/newsletters/", views.subscribe, name="subscribe"),
    path("me/answers/", followup_views.agree, name="agree"),
    path("me/plan/<slug:run>/", followup_views.plan, name="plan"),
    path("me/changes/", followup_views.changes, name="changes"),
    path("me/changes/<str:key>/", followup_views.change, name="change"),
    path("answer/<str:token>/", followup_views.survey, name="survey"),
    path("me/hide/", privacy_views.hide, name="hide"),
    path("me/data/", privacy_views.data, name="data"),
    path("me/data/export/", privacy_views.export, name="export"),
    path("me/data/erase/", privacy_views.erase, name="erase"),
    path("messages/", relay_views.conversations, name="conversations"),
    path("messages/<str:key>/", relay_views.conversation, name="conversation"),
    path("messages/<str:key>/report/", relay_views.report, name="report"),
    *(
        path(f"messages/<str:key>/{verb}/", relay_views.answer, {"verb": verb}, name=verb)
        for verb in relay_views.VERBS
    ),
    path("<str:key>/write/", relay_views.write_to, name="write_to"),
    path("me/mailbox/", joining_mailbox.choose_mailbox, name="choose_mailbox"),
    path("invitation/", joining_views.invitation_asked, name="invitation_asked"),
    path("invitation/<str:token>/", joining_views.invitation, name="invitation"),
    path("slip/", joining_views.slip, name="slip"),
    path("", directory_views.people, name="people"),
    path("courses/<slug:slug>/", directory_views.course, name="course"),
    path("me/seen-by/<slug:who>/", directory_views.seen_by, name="seen_by"),
    path("me/still-right/", directory_views.still_right, name="still_right"),
    path("me/posts/", directory_views.my_positions, name="positions"),
    path("me/posts/moved/", directory_views.moved, name="moved"),
    path("me/contact/", directory_views.contact, name="contact"),
    path("<str:key>/", views.member, name="member"),
]
