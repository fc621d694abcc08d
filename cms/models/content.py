"""What every published page has: who may read it, and when each language first went live."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, HelpPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Page, PageManager, PageQuerySet
from wagtail.search import index
from wagtail_localize.fields import BaseTranslatableField, SynchronizedField

from cms.audiences import PUBLIC, Viewer, audiences_of, reads_everything
from cms.models.codes import AudienceField


def languages() -> list[tuple[str, Any]]:
    """The site's languages; a function, so that a pack's choice of them is no migration."""
    return list(settings.LANGUAGES)


class ContentQuerySet(PageQuerySet):
    """Pages by who asks for them. Everything that lists, finds or names a page starts here."""

    def visible_to(self, user: Viewer) -> ContentQuerySet:
        """Live pages the person may read, by their audience; editors read them all."""
        live = self.live()
        if reads_everything(user):
            return live
        return live.filter(audience__in=audiences_of(user))

    def written_in(self, language: str) -> ContentQuerySet:
        """Pages of one language; not the stand-ins that repeat another language's page."""
        return self.filter(locale__language_code=language, alias_of=None)

    def newest_first(self) -> ContentQuerySet:
        """By the moment they first went live."""
        return self.order_by(models.F("first_published_at").desc(nulls_last=True), "-pk")


ContentManager = PageManager.from_queryset(ContentQuerySet)


class FirstLive(models.Model):
    """When a page first went live in a language: its `mailable_at`.

    Written once and never again, whatever is edited, unpublished or published anew. It stands
    apart from the page because a revision holds every column of the page and would write it back.
    """

    page = models.ForeignKey("wagtailcore.Page", models.CASCADE, related_name="first_live")
    language = models.CharField(_("language"), max_length=12)
    mailable_at = models.DateTimeField(_("first live at"), db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page", "language"], name="a_page_goes_live_first_once_in_a_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.language} {self.mailable_at:%Y-%m-%d %H:%M}"


class ShortTranslation(models.Model):
    """Title and standfirst in a language that has no full text of the page."""

    page = ParentalKey("wagtailcore.Page", related_name="short_translations")
    language = models.CharField(_("language"), max_length=12, choices=languages)
    title = models.CharField(_("title"), max_length=255)
    standfirst = models.TextField(_("standfirst"), max_length=300, blank=True)

    panels = [FieldPanel("language"), FieldPanel("title"), FieldPanel("standfirst")]
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("short translation")
        verbose_name_plural = _("short translations")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "language"],
                name="a_page_has_one_short_translation_in_a_language",
                violation_error_message=_("There is a short translation in this language."),
            )
        ]

    def __str__(self) -> str:
        return self.title


class ContentForm(WagtailAdminPageForm):
    """The editor's form: a translation takes its audience from the page it was made from."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        origin = self.instance.origin() if "audience" in self.fields else None
        if origin is not None:
            self.initial["audience"] = origin.audience
            self.fields["audience"].disabled = True
            self.fields["audience"].help_text = _(
                "A translation is for the same people as its first page: change it there."
            )


class ShownPage(Page):
    """A page whose template gets its words from one function, and that has no second privacy."""

    context_function: ClassVar[str] = ""
    """By dotted path: such a function reads every kind of page, so no page model can import it."""

    # One policy says who may read: Wagtail's own page privacy would be a second.
    private_page_options: ClassVar[list[str]] = []

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds what the function named in `context_function` promises."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return (
            context
            | {"language": self.locale.language_code, "addresses": self.addresses_for(request)}
            | import_string(self.context_function)(self, request)
        )

    def addresses_for(self, request: HttpRequest) -> dict[str, str]:
        """Paths of this page by language, as far as the reader may open them; one query."""
        pages = (
            type(self)
            ._default_manager.live()
            .filter(translation_key=self.translation_key, alias_of=None)
        )
        if isinstance(self, Content):
            pages = pages.visible_to(request.user)
        written = pages.select_related("locale").defer_streamfields().order_by("pk")
        return {page.locale.language_code: page.get_url(request) or "" for page in written}

    @property
    def address(self) -> str:
        """The absolute address on the site's own host; empty for a page outside the site."""
        parts = self.get_url_parts()
        return f"{settings.SITE_URL}{parts[2]}" if parts and parts[2] else ""


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

    exclude_fields_in_copy = ["first_live", "short_translations"]
    base_form_class = ContentForm

    search_fields = [
        *Page.search_fields,
        index.SearchField("standfirst"),
        index.FilterField("audience"),
    ]
    override_translatable_fields = [
        SynchronizedField("audience", overridable=False),
        BaseTranslatableField("short_translations"),
    ]

    objects = ContentManager()

    class Meta:
        abstract = True

    top_panels = [
        HelpPanel(
            _(
                "Publishing puts the page on the site and mails nothing. The page goes into the "
                "next newsletter of the readers who follow its countries or topics."
            )
        ),
        FieldPanel("title"),
        FieldPanel("standfirst"),
    ]
    reach_panels = [
        MultiFieldPanel([FieldPanel("audience")], heading=_("Who may read it")),
        InlinePanel(
            "short_translations",
            heading=_("Short translations"),
            label=_("Short translation"),
            help_text=_("Title and standfirst for readers of a language without the full text."),
        ),
    ]

    def origin(self) -> Any:
        """The page this one was made from as a translation, or None when it is the first."""
        others = type(self)._default_manager.filter(translation_key=self.translation_key)
        if self.pk:
            others = others.filter(pk__lt=self.pk)
        return others.order_by("pk").first()

    @property
    def is_public(self) -> bool:
        """Whether everyone may read it."""
        return self.audience == PUBLIC

    def visible_to(self, user: Viewer) -> bool:
        """Whether the person may read this page, live or not."""
        return (
            self.audience == PUBLIC or self.audience in audiences_of(user) or reads_everything(user)
        )

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
        super().save(*args, **kwargs)
        if origin is None:
            siblings = type(self)._default_manager.filter(translation_key=self.translation_key)
            siblings.exclude(pk=self.pk).update(audience=self.audience)
        if self.live and not self.alias_of_id:
            self._note_first_live()

    def _note_first_live(self) -> None:
        now = timezone.now()
        short = ShortTranslation.objects.filter(page_id=self.pk).values_list("language", flat=True)
        languages = {self.locale.language_code, *short}
        FirstLive.objects.bulk_create(
            [
                FirstLive(page_id=self.pk, language=language, mailable_at=now)
                for language in sorted(languages)
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


class IndexPage(ShownPage):
    """A list of pages: always for everyone, because it shows each reader only what is theirs."""

    standfirst = models.TextField(_("standfirst"), max_length=300, blank=True)

    show_in_menus_default = True
    content_panels = [*Page.content_panels, FieldPanel("standfirst")]

    class Meta:
        abstract = True
