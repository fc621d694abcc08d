"""The members' addresses, all behind the sign-in; mounted under the language."""

from django.urls import path

from alumni import followup_views, views

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
    path("<str:key>/", views.member, name="member"),
]
