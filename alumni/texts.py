"""A text in several languages: one model field, its value, and the form field an editor fills.

Stored as `{"en": "…", "ar": "…"}`. The value prints itself in the language of the moment, so that
`{{ course.title }}` is right on every page, and answers `course.title.in_language("ar")`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _


class Texts(dict[str, str]):
    """Languages and the text in each; prints as the text of the language of the moment."""

    def in_language(self, language: str) -> str:
        """The text in this language, else in the site's first language, else in any."""
        for code in (language, language.split("-")[0], settings.LANGUAGE_CODE, *self):
            if self.get(code):
                return self[code]
        return ""

    def __str__(self) -> str:
        return self.in_language(get_language() or settings.LANGUAGE_CODE)


def as_texts(value: object) -> Texts:
    """Whatever was assigned, as texts: a plain string is in the site's first language."""
    if isinstance(value, Texts):
        return value
    if isinstance(value, Mapping):
        return Texts({str(code): str(text) for code, text in value.items() if text})
    return Texts({settings.LANGUAGE_CODE: str(value)}) if value else Texts()


class _Assigned(DeferredAttribute):
    """Turns what is assigned to the attribute into texts at once, not only after a save."""

    def __set__(self, row: models.Model, value: object) -> None:
        row.__dict__[self.field.attname] = as_texts(value)


class TextsWidget(forms.MultiWidget):
    """One input a language, each with its name, language and direction."""

    use_fieldset = True

    def __init__(self, languages: list[str], *, multiline: bool) -> None:
        self.languages = languages
        widgets: dict[str, forms.Widget | type[forms.Widget]] = {}
        for code in languages:
            attrs = {"lang": code, "dir": "rtl" if get_language_info(code)["bidi"] else "ltr"}
            widgets[code] = (
                forms.Textarea(attrs | {"rows": 3}) if multiline else forms.TextInput(attrs)
            )
        super().__init__(widgets)

    def decompress(self, value: object) -> list[str]:
        texts = as_texts(value)
        return [texts.get(code, "") for code in self.languages]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        """Each language under its own name, so that nobody writes Arabic into the French line."""
        texts = value if isinstance(value, list) else self.decompress(value)
        base = (attrs or {}).get("id", f"id_{name}")
        return format_html_join(
            "",
            '<div class="text-in-language w-mb-4"><label for="{}">{}</label>{}</div>',
            (
                (
                    f"{base}_{code}",
                    capfirst(get_language_info(code)["name_local"]),
                    widget.render(
                        f"{name}_{code}", text, {**(attrs or {}), "id": f"{base}_{code}"}, renderer
                    ),
                )
                for code, widget, text in zip(self.languages, self.widgets, texts, strict=False)
            ),
        )


class TextsFormField(forms.MultiValueField):
    """One text a language. Required means: in at least one of them."""

    def __init__(
        self, *, multiline: bool = False, longest: int | None = None, **kwargs: Any
    ) -> None:
        self.languages = [code for code, _name in settings.LANGUAGES]
        kwargs.pop("max_length", None)
        super().__init__(
            fields=[
                forms.CharField(required=False, max_length=longest) for _code in self.languages
            ],
            widget=TextsWidget(self.languages, multiline=multiline),
            require_all_fields=False,
            **kwargs,
        )

    def compress(self, values: list[str]) -> Texts:
        return as_texts(dict(zip(self.languages, values, strict=False)))

    def has_changed(self, initial: object, data: Any) -> bool:
        given = dict(zip(self.languages, data or [], strict=False))
        return as_texts(initial) != as_texts(given)


class TextsField(models.JSONField):
    """A text in several languages; `blank=False` asks for at least one."""

    description = _("A text in several languages")
    descriptor_class = _Assigned

    def __init__(
        self, *args: Any, multiline: bool = False, longest: int | None = 200, **kwargs: Any
    ) -> None:
        self.multiline = multiline
        self.longest = None if multiline else longest
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return as_texts(super().from_db_value(value, expression, connection))

    def validate(self, value: Any, model_instance: Any) -> None:
        super().validate(value, model_instance)
        if self.longest and any(len(text) > self.longest for text in as_texts(value).values()):
            raise ValidationError(
                _("Write at most %(longest)d characters in each language.")
                % {"longest": self.longest}
            )

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(
            self,
            form_class=TextsFormField,
            multiline=self.multiline,
            longest=self.longest,
            **{key: value for key, value in kwargs.items() if key not in {"encoder", "decoder"}},
        )
