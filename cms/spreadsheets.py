"""Wagtail's lists do not leave as spreadsheets: nothing asks what for or writes it down there.

Lists of people leave by `alumni.privacy.lists`, figures and facts by screens of their own.
"""

from __future__ import annotations

from wagtail.admin.views.mixins import SpreadsheetExportMixin


def keep_in() -> None:
    """Called once, when the application is ready: every list of Wagtail's inherits from this class.

    Its CSV would also run as formulas what a title begins with.
    """
    SpreadsheetExportMixin.FORMATS = ()
    SpreadsheetExportMixin.show_export_buttons = False
