"""Pages for tests: a site in two languages, and a story, call or country in one line."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any

import factory
import wagtail_factories
from django.core.files.base import ContentFile
from PIL import Image
from wagtail.documents.models import Document
from wagtail.models import Locale, Page, Site

from alumni.models import CourseRun, Module
from cms.models import (
    CountryIndexPage,
    CountryPage,
    CourseIndexPage,
    CoursePage,
    HomePage,
    Picture,
    ProgrammeIndexPage,
    ProgrammePage,
    ProjectPage,
    ResourceDocument,
    ResourceIndexPage,
    ResourcePage,
    StoryIndexPage,
    StoryPage,
    Topic,
    UpdateIndexPage,
    UpdatePage,
)
from tests.factories.alumni import CourseRunFactory, ProgrammeFactory, ProjectFactory

BODY = [("paragraph", "<p>What was done, step by step.</p>")]
SECTIONS = (
    (CountryIndexPage, "countries", "countries"),
    (StoryIndexPage, "stories", "stories"),
    (UpdateIndexPage, "updates", "calls"),
    (CourseIndexPage, "courses", "courses"),
    (ProgrammeIndexPage, "programmes", "programmes"),
    (ResourceIndexPage, "resources", "resources"),
)
THANKS = {"en": "With thanks to the donor.", "ar": "مع الشكر للجهة المانحة."}


@dataclass
class Tree:
    """Sections by language."""

    home: dict[str, HomePage]
    countries: dict[str, CountryIndexPage]
    stories: dict[str, StoryIndexPage]
    updates: dict[str, UpdateIndexPage]
    courses: dict[str, CourseIndexPage]
    programmes: dict[str, ProgrammeIndexPage]
    resources: dict[str, ResourceIndexPage]


class PageFactory(wagtail_factories.PageFactory):
    """A live page, published now."""

    title = factory.Sequence(lambda n: f"Page {n}")
    slug = factory.Sequence(lambda n: f"page-{n}")
    first_published_at = factory.LazyFunction(lambda: dt.datetime.now(dt.UTC))
    locale = factory.LazyAttribute(
        lambda page: page.parent.locale if page.parent else language("en")
    )

    class Meta:
        model = Page
        abstract = True


class StoryFactory(PageFactory):
    class Meta:
        model = StoryPage

    title = factory.Sequence(lambda n: f"Story {n}")
    standfirst = "What changed, and how."
    countries = ("KE",)
    topics = ()
    body = BODY

    @classmethod
    def _build(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._build(model_class, *args, **_lists(kwargs))

    @classmethod
    def _create_instance(cls, model_class: Any, parent: Any, kwargs: Any) -> Any:
        return super()._create_instance(model_class, parent, _lists(kwargs))


class UpdateFactory(PageFactory):
    class Meta:
        model = UpdatePage

    title = factory.Sequence(lambda n: f"Call {n}")
    standfirst = "Apply in three lines."
    kind = UpdatePage.Kind.CALL


class CountryFactory(PageFactory):
    class Meta:
        model = CountryPage

    country = "KE"
    standfirst = "What this country told."


class CourseFactory(PageFactory):
    class Meta:
        model = CoursePage

    standfirst = "Four days."


class ProgrammePageFactory(PageFactory):
    class Meta:
        model = ProgrammePage

    programme = factory.SubFactory(ProgrammeFactory)
    standfirst = "What this line follows."


class ProjectPageFactory(PageFactory):
    class Meta:
        model = ProjectPage

    project = factory.SubFactory(ProjectFactory)
    standfirst = "What the money was for."


class ResourceFactory(PageFactory):
    class Meta:
        model = ResourcePage

    title = factory.Sequence(lambda n: f"Resource {n}")
    standfirst = "One sheet to copy."
    kind = ResourcePage.Kind.TOOL


def _lists(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in kwargs.items()
    }


def language(code: str) -> Locale:
    return Locale.objects.get_or_create(language_code=code)[0]


def site_tree() -> Tree:
    """Home pages and sections in English and Arabic on the default site."""
    root = Page.objects.get(depth=1)
    Site.objects.all().delete()
    root.get_children().delete()
    root = Page.objects.get(depth=1)
    tree = Tree({}, {}, {}, {}, {}, {}, {})
    first = None
    for code in ("en", "ar"):
        locale = language(code)
        home = HomePage(title="Home", slug=f"home-{code}", standfirst="Here.", locale=locale)
        _same_as(first, home)
        root.add_child(instance=home)
        first = first or home
        tree.home[code] = home
        for model, name, slug in SECTIONS:
            section = model(title=name.title(), slug=slug, locale=locale)
            _same_as(getattr(tree, name).get("en"), section)
            home.add_child(instance=section)
            getattr(tree, name)[code] = section
    Site.objects.create(
        hostname="testserver",
        port=80,
        root_page=tree.home["en"],
        is_default_site=True,
        site_name="Test",
    )
    return tree


def _same_as(original: Page | None, translation: Page) -> None:
    if original is not None:
        translation.translation_key = original.translation_key


def translated(page: Any, code: str, **changes: Any) -> Any:
    """A full translation, published through a revision as the editor's button does."""
    made = page.copy_for_translation(language(code))
    for name, value in changes.items():
        setattr(made, name, value)
    made.save_revision().publish()
    made.refresh_from_db()
    return made


def topic(code: str, **titles: str) -> None:
    """A topic in the languages given."""
    first = None
    for spoken, title in titles.items():
        row = Topic(code=code, title=title, locale=language(spoken))
        if first is not None:
            row.translation_key = first.translation_key
        row.save()
        first = first or row


def course_run(slug: str = "spring", **fields: Any) -> CourseRun:
    """A course run with a project, its donor's line and two modules."""
    project = ProjectFactory(acknowledgement=THANKS)
    run = CourseRunFactory(slug=slug, project=project, place={"en": "A town"}, **fields)
    for order, title in enumerate(("Frameworks", "Practice")):
        Module.objects.create(course=run.course, order=order, title={"en": title})
    return run


def document(page: Any, title: str = "Sheet", code: str = "en", name: str = "sheet.pdf") -> Any:
    """A small file in the library, offered by this resource."""
    content = f"%PDF-1.4 {title}".encode()
    kept = Document.objects.create(
        title=f"Kept: {title}", file=ContentFile(content, name=name), file_size=len(content)
    )
    ResourceDocument.objects.create(page=page, document=kept, title=title, language=code)
    return kept


def picture(**fields: Any) -> Picture:
    """A small drawn picture."""
    drawn = io.BytesIO()
    Image.new("RGB", (1200, 800), "#0B5953").save(drawn, "PNG")
    made = Picture(title="Drawn", file=ContentFile(drawn.getvalue(), name="drawn.png"), **fields)
    made.save()
    return made
