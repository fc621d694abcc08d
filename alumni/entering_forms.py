"""What people fill in on the way in: an address, a password or a code from a mail."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    BaseConfirmCodeForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    ConfirmPasswordResetCodeForm,
    LoginForm,
    ResetPasswordForm,
    SignupForm,
)
from django.utils.translation import gettext_lazy as _

from alumni.joining import accounts

ADDRESS = _("E-mail address")


class SignInForm(LoginForm):
    """An address, and a password for whoever has one; without it a code is mailed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = ADDRESS
        self.fields["login"].widget.attrs["autofocus"] = True
        self.fields["password"].required = False
        self.fields["password"].widget.is_required = False
        self.fields["password"].help_text = _("Leave it empty and we mail you a code.")


class CodeFirst(BaseConfirmCodeForm):
    """The code from the mail, with the keyboard in its field; what was sent is read out with it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"autofocus": True, "aria-describedby": "sent"}


class SignInCodeForm(CodeFirst, ConfirmLoginCodeForm):
    """Signs in."""


class MailboxCodeForm(CodeFirst, ConfirmEmailVerificationCodeForm):
    """Shows whose mailbox it is."""


class ResetCodeForm(CodeFirst, ConfirmPasswordResetCodeForm):
    """Opens the way to a new password."""


class ResetForm(ResetPasswordForm):
    """The address of whoever forgot the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = ADDRESS


class SignUpForm(SignupForm):
    """Asks for an address and answers the same whether it stands on a roster, or ever did."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = ADDRESS
        # A password is offered later; allauth's setting names it so that sign-in takes one.
        self.fields.pop("password1", None)

    def validate_unique_email(self, value: str) -> str:
        """An address nobody awaits is treated as one that has an account: a mail, no user."""
        email = str(super().validate_unique_email(value))
        if not accounts.is_awaited(email):
            self.account_already_exists = True
        return email
