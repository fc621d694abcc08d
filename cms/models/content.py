"""What every published page has: who may read it, and when each language first went live."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import (
    FieldPanel,
    HelpPanel,
    InlinePanel,
)
from wagtail.models import Page, PageManager, PageQuerySet
from wagtail.permissions import page_permission_policy
from wagtail.search import index
from wagtail_localize.fields import BaseTranslatableField, SynchronizedField

from cms import languages
from cms.audiences import (
    PUBLIC,
    Viewer,
    audiences_of,
    keeps_some_countries,
    reads_everything,
)
from cms.models import panels
from cms.models.codes import AudienceField
from cms.models.live import FirstLive, ShortTranslation
from cms.models.shown import ShownPage
from newsletters import issues
from newsletters.publishing import publishing_moment


class ContentQuerySet(PageQuerySet):
    """Pages by who asks for them. Everything that lists, finds or names a page starts here."""

    def visible_to(self, user: Viewer) -> ContentQuerySet:
        """Live pages the person may read, by their audience; editors read them all.

        Country editors read those of their sections.
        """
        live = self.live()
        if reads_everything(user):
            return live
        shown = models.Q(audience__in=audiences_of(user))
        if keeps_some_countries(user):
            theirs = page_permission_policy.instances_user_has_permission_for(user, "change")
            shown |= models.Q(pk__in=theirs.values("pk"))
        return live.filter(shown)

    def written_in(self, language: str) -> ContentQuerySet:
        """Pages of one language; not the stand-ins that repeat another language's page."""
        return self.filter(locale__language_code=language, alias_of=None)

    def told_in(self, language: str) -> ContentQuerySet:
        """Pages of one language, and those that have only title and standfirst in it."""
        short = ShortTranslation.objects.filter(language=language).alone()
        told = models.Q(locale__language_code=language) | models.Q(pk__in=short.values("page"))
        return self.filter(told, alias_of=None)

    def newest_first(self) -> ContentQuerySet:
        """By the moment they first went live."""
        return self.order_by(models.F("first_published_at").desc(nulls_last=True), "-pk")


ContentManager = PageManager.from_queryset(ContentQuerySet)


class ContentForm(WagtailAdminPageForm):
    """The editor's form: a translation takes its audience from the page it was made from."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.locale_id:
            self._write_in(self.instance.locale.language_code)
        self._begin_text()
        origin = self.instance.origin() if "audience" in self.fields else None
        if origin is not None:
            self.initial["audience"] = origin.audience
            self.fields["audience"].disabled = True
            self.fields["audience"].help_text = _(
                "A translation is for the same people as its first page: change it there."
            )

    def _write_in(self, language: str) -> None:
        """Title and standfirst are of the page's language, not of the desk's: so is the side on
        which an empty line begins."""
        way = "rtl" if get_language_info(language)["bidi"] else "ltr"
        for name in {"title", "standfirst"} & self.fields.keys():
            self.fields[name].widget.attrs |= {"dir": way, "lang": language}

    def _begin_text(self) -> None:
        """A text that a page cannot do without begins with an open paragraph."""
        text = self.fields.get("body")
        if text is not None and text.required and not self.instance.pk and not self.instance.body:
            block = self.instance._meta.get_field("body").stream_block
            self.initial["body"] = block.to_python([{"type": "paragraph", "value": ""}])


class Content(ShownPage):
    """A page that tells something: it has a standfirst, an audience, and entries in mails."""

    standfirst = models.TextField(
        _("standfirst"),
        max_length=300,
        help_text=_("One or two sentences beneath the title; they also stand in lists and mails."),
    )
    audience = AudienceField(
        _("who may read it"),
        help_text=_(
            "Others see neither the page nor its title: not in lists, search, feeds or mails."
        ),
    )

    told_shortly: list[dict[str, str]] | None = None
    """Its short translations, where a queryset brought them along (cms.contexts.cards)."""

    exclude_fields_in_copy = ["first_live", "short_translations"]
    base_form_class = ContentForm

    search_fields = [
        *Page.search_fields,
        index.SearchField("standfirst"),
        index.RelatedFields(
            "short_translations",
            [index.SearchField("title", boost=2), index.SearchField("standfirst")],
        ),
        index.FilterField("audience"),
        index.FilterField("alias_of"),
    ]
    override_translatable_fields = [
        SynchronizedField("audience", overridable=False),
        BaseTranslatableField("short_translations"),
    ]

    objects = ContentManager()

    class Meta:
        abstract = True

    title_panels = [panels.TITLE, FieldPanel("standfirst")]
    top_panels = [
        HelpPanel(
            _(
                "Publishing puts the page on the site and mails nothing. The page goes into the "
                "next newsletter of the readers who follow its countries or topics."
            )
        ),
        *title_panels,
    ]
    reach_panels = [
        FieldPanel("audience", heading=_("Who may read it")),
        InlinePanel(
            "short_translations",
            heading=_("Short translations"),
            label=_("Short translation"),
            help_text=_("Title and standfirst for readers of a language without the full text."),
        ),
    ]

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """The page itself, its card in every language, its mail, its other languages."""
        return import_string("cms.previews.modes")(self)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """As readers will see it, in the way that is asked for."""
        shown = import_string("cms.previews.shown")(self, request, mode_name)
        return shown or super().serve_preview(request, mode_name)

    mail_kind = "story"
    """What an entry made of it is to the mail engine: `story`, `update` or `resource`."""

    @property
    def entry_key(self) -> str:
        """What all languages of the page are called in mailings."""
        return f"{self.mail_kind}:{self.translation_key}"

    def origin(self) -> Any:
        """The page this one was made from as a translation, or None when it is the first."""
        others = type(self)._default_manager.filter(translation_key=self.translation_key)
        if self.pk:
            others = others.filter(pk__lt=self.pk)
        return others.order_by("pk").first()

    @classmethod
    def pages_visible_to(cls, user: Viewer) -> Any:
        """Pages of this kind that the person may read, by their audience."""
        return cls._default_manager.visible_to(user)

    def language_links(
        self, addresses: dict[str, str], request: HttpRequest
    ) -> list[languages.LanguageLink]:
        """Where there is no such page in a language, to this one, read from there."""
        return languages.links(addresses, self.read_from("{code}"))

    def read_from(self, language: str) -> str:
        """The address at which readers of another language have this page."""
        return f"/{language}/read/{self.translation_key}/"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds `words` (title and standfirst as they are shown: in the reader's language, where a
        short translation has them), `words_written` (their language) and `written` (that of the
        text); both are None where it is the reader's."""
        context = super().get_context(request, *args, **kwargs)
        words, written = self.words(), self.written()
        around = {"words": words, "written": written}
        return context | around | {"words_written": written if words is self else None}

    def words(self) -> Any:
        """Title and standfirst as they are shown: see `words_in`."""
        return self.words_in(self.shown_language)

    def words_in(self, language: str) -> Any:
        """Something with title and standfirst: the page itself, or its short translation."""
        if self.locale.language_code == language:
            return self
        if self.told_shortly is None:
            told = list(self.short_translations.all())
        else:
            told = [ShortTranslation(**words) for words in self.told_shortly]
        return next((one for one in told if one.language == language), self)

    def written(self) -> languages.Spoken | None:
        """The language of the text, for a reader of another one."""
        return languages.spoken(self.locale.language_code, self.shown_language)

    @property
    def is_public(self) -> bool:
        """Whether everyone may read it."""
        return self.audience == PUBLIC

    def visible_to(self, user: Viewer) -> bool:
        """Whether the person may read this page, live or not."""
        if self.audience == PUBLIC or self.audience in audiences_of(user):
            return True
        if keeps_some_countries(user):
            return bool(self.permissions_for_user(user).can_edit())
        return reads_everything(user)

    def clean(self) -> None:
        """A short translation in the page's own language would hide the full text."""
        super().clean()
        own = self.locale.language_code if self.locale_id else None
        if any(short.language == own for short in self.short_translations.all()):
            raise ValidationError(_("A short translation is in another language than the page."))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep one audience over all translations; note when each language is live first."""
        origin = self.origin()
        if origin is not None:
            self.audience = origin.audience
        siblings = type(self)._default_manager.filter(translation_key=self.translation_key)
        # Together: a list that is drawn up in between would tell of what is being taken down.
        with transaction.atomic():
            own = siblings.filter(pk=self.pk, live=True)
            shown_to = own.values_list("audience", flat=True).first()
            if shown_to is not None and self.audience not in {shown_to, PUBLIC}:
                for page in [self, *siblings.exclude(pk=self.pk)]:
                    page.take_out_of_mailings()
            elif shown_to is not None and not self.live:
                self.take_out_of_mailings()
            super().save(*args, **kwargs)
            if origin is None:
                siblings.exclude(pk=self.pk).update(audience=self.audience)
        if self.live and not self.alias_of_id:
            self._note_first_live()

    def take_out_of_mailings(self) -> None:
        """What waits to be mailed no longer tells of this page."""
        short = self.short_translations.values_list("language", flat=True)
        issues.withdraw(self.entry_key, [self.locale.language_code, *short])

    def _note_first_live(self) -> None:
        short = ShortTranslation.objects.filter(page_id=self.pk).values_list("language", flat=True)
        with transaction.atomic():
            now = publishing_moment()
            FirstLive.objects.bulk_create(
                [
                    FirstLive(page_id=self.pk, language=language, mailable_at=now)
                    for language in sorted({self.locale.language_code, *short})
                ],
                ignore_conflicts=True,
            )

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, or the same answer as for a page that does not exist."""
        if not self.visible_to(request.user):
            raise Http404
        response = super().serve(request, *args, **kwargs)
        if not self.is_public:
            response["Cache-Control"] = "private, no-store"
            response["X-Robots-Tag"] = "noindex, noarchive"
        return response

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        """Nothing for a page that is not for everyone."""
        return super().get_sitemap_urls(request) if self.is_public else []
