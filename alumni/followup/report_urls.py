"""Addresses of shared reports; mounted under the language. The token is the only key."""

from django.urls import path

from alumni.followup import report_views

app_name = "reports"
urlpatterns = [
    path("<str:token>/", report_views.shared, name="shared"),
    path("<str:token>/report.csv", report_views.shared_csv, name="csv"),
]
