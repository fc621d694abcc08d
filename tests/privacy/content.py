"""Pages of every kind, for every audience and in every state, with canaries in all they say."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image
from wagtail.documents.models import Document
from wagtail.models import (
    Comment,
    CommentReply,
    GroupApprovalTask,
    Page,
    PageLogEntry,
    TaskState,
    Workflow,
    WorkflowState,
)
from wagtail.search.index import insert_or_update_object

from cms.mail_blocks import MailBlock
from cms.models import (
    BylineChange,
    CountryPage,
    CoursePage,
    Dispatch,
    Manuscript,
    Naming,
    Picture,
    ProgrammePage,
    ProjectPage,
    ResourceDocument,
    ResourcePage,
    ShortTranslation,
    StoryPage,
    Submission,
    SubmissionPicture,
    UpdatePage,
)
from tests.factories import cms as make
from tests.privacy.canaries import Canaries
from tests.privacy.world import MET, World

AUDIENCES = {"public": "public", "members": "members", "run": f"run:{MET}"}
KINDS: dict[type[Page], tuple[Any, str]] = {
    StoryPage: (make.StoryFactory, "stories"),
    UpdatePage: (make.UpdateFactory, "updates"),
    CountryPage: (make.CountryFactory, "countries"),
    CoursePage: (make.CourseFactory, "courses"),
    ProgrammePage: (make.ProgrammePageFactory, "programmes"),
    ProjectPage: (make.ProjectPageFactory, "programmes"),
    ResourcePage: (make.ResourceFactory, "resources"),
}


def publish(world: World) -> None:
    """Fill the site; about two seconds."""
    pictures = {tier: picture(world.canaries, tier) for tier in ("public", "members")}
    for model in KINDS:
        for tier, audience in AUDIENCES.items():
            shown = pictures["public" if tier == "public" else "members"]
            page(world, model, tier, shown, audience=audience)
        page(world, model, "draft", pictures["members"], live=False, first_published_at=None)
    _in_every_state(world, pictures["public"])
    _signed(world, pictures["public"])
    _short(world)
    _of_editors(world)
    _documents(world)


def page(world: World, model: type[Page], tier: str, shown: Picture, **facts: Any) -> Any:
    """One page of a kind; its slug, its texts and its parts are canaries of this tier."""
    factory, section = KINDS[model]
    facts.setdefault("parent", getattr(world.tree, section)["en"])
    texts = world.canaries.values(model, tier, [*facts, "draft_title"])
    body = world.canaries.body(model._meta.label, "body", tier, shown.pk)
    if hasattr(model, "picture"):
        facts["picture"] = shown
    if hasattr(model, "course_run"):
        facts.setdefault("course_run", world.met)
    made = factory(**texts, body=body, **facts)
    if model is ResourcePage:
        _offered(world, made, tier)
    insert_or_update_object(made)
    return made


def _offered(world: World, resource: Any, tier: str) -> None:
    """A file of the resource: its name and its bytes are for whoever may read the page."""
    name = world.canaries.new("wagtaildocs.Document", "file", tier)
    inside = world.canaries.new("cms.ResourceDocument", "document", tier)
    kept = Document.objects.create(
        file=ContentFile(inside.encode(), name=f"{name}.txt"),
        **world.canaries.values(Document, "staff", ["file"]),
    )
    title = world.canaries.values(ResourceDocument, tier)
    ResourceDocument.objects.create(page=resource, document=kept, language="en", **title)


def picture(canaries: Canaries, tier: str) -> Picture:
    """An upload with words in its EXIF data and its name."""
    name = canaries.new("cms.Picture", "file", f"{tier}, as uploaded")
    inside = canaries.new("cms.Picture", "file", f"{tier}, inside")
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = inside, inside
    drawn = io.BytesIO()
    Image.new("RGB", (900, 600), "#0B5953").save(drawn, "JPEG", exif=exif, comment=inside.encode())
    made = Picture(
        file=ContentFile(drawn.getvalue(), name=f"{name}.jpg"),
        **canaries.values(Picture, tier, ["file"]),
    )
    made.save()
    return made


def _in_every_state(world: World, shown: Picture) -> None:
    """Stories that were, will be or were never meant to be read by everyone."""
    now = timezone.now()
    gone = page(world, StoryPage, "unpublished", shown)
    gone.save_revision().publish()
    gone.unpublish()
    page(world, StoryPage, "expired", shown, live=False, expired=True, expire_at=now)
    later = page(world, StoryPage, "scheduled", shown, live=False, first_published_at=None)
    later.go_live_at = now + dt.timedelta(days=1)
    later.save_revision(approved_go_live_at=later.go_live_at)
    rewritten = page(world, StoryPage, "public", shown)
    new = world.canaries.values(StoryPage, "rewritten", ["slug", "draft_title"])
    for name, value in new.items():
        setattr(rewritten, name, value)
    rewritten.body = world.canaries.body("cms.StoryPage", "body", "rewritten", shown.pk)
    rewritten.save_revision()
    planned = world.canaries.new("cms.StoryPage", "draft_title", "rewritten")
    world.canaries.seen_fields.add("wagtailcore.Page.draft_title")
    Page.objects.filter(pk=rewritten.pk).update(draft_title=planned)
    arabic = make.translated(
        StoryPage.objects.filter(audience="members").first(),
        "ar",
        **world.canaries.values(StoryPage, "members", ["draft_title"]),
    )
    insert_or_update_object(arabic)


AUTHORS = {
    "public": "given",
    "hidden": "given",
    "hidden by staff": "given",
    "erased": "given",
    "cohort": "waiting",
    "protected": "refused",
}
"""Who tells a story that is live, and what he or she said to being named."""


def _signed(world: World, shown: Picture) -> None:
    """Stories of people in each state; the name stands there only by a yes that still holds."""
    for tier, answer in AUTHORS.items():
        author = world.profiles[tier]
        signed = page(world, StoryPage, f"by {tier}", shown, author=author)
        world.canaries.plant(
            Naming,
            tier,
            story=signed.translation_key,
            profile=author,
            what="byline",
            form="name",
            state=answer,
        )
        sent = world.canaries.plant(Submission, tier, author=author, language="en")
        world.canaries.plant(SubmissionPicture, tier, submission=sent, place=1, data=b"")
        world.canaries.plant(BylineChange, tier, page=signed, what="hidden")
        signed.save_revision()
        insert_or_update_object(signed)


def _short(world: World) -> None:
    for tier in ("public", "members"):
        told = StoryPage.objects.filter(audience=tier, live=True, locale__language_code="en")
        words = world.canaries.values(ShortTranslation, tier)
        ShortTranslation.objects.create(page=told.first(), language="pt", **words)


def _of_editors(world: World) -> None:
    """What colleagues say to one another beside a page that is public."""
    plant, officer = world.canaries.plant, world.officer
    told = StoryPage.objects.live().filter(audience="public").first()
    now, kind = timezone.now(), ContentType.objects.get_for_model(StoryPage)
    letter = plant(Dispatch, "staff", newsletter=world.newsletter, created_by=officer)
    parts = world.canaries.body("cms.Manuscript", "body", "staff", told.picture_id, MailBlock)
    plant(Manuscript, "staff", dispatch=letter, language="en", body=parts, locked_by=officer)
    talk = plant(Comment, "staff", page=told, user=officer)
    plant(CommentReply, "staff", comment=talk, user=officer)
    noted = {"content_type": kind, "action": "wagtail.edit", "timestamp": now}
    plant(PageLogEntry, "staff", page=told, user=officer, **noted)
    task = GroupApprovalTask.objects.create(name="A colleague looks")
    workflow = Workflow.objects.create(name="Looked at")
    state = WorkflowState.objects.create(
        content_type=kind,
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id=str(told.pk),
        workflow=workflow,
        requested_by=officer,
    )
    plant(
        TaskState,
        "staff",
        workflow_state=state,
        revision=told.save_revision(),
        task=task,
        content_type=ContentType.objects.get_for_model(GroupApprovalTask),
    )


def _documents(world: World) -> None:
    """A file that somebody put into Wagtail's library, linked from nowhere."""
    inside = world.canaries.new("wagtaildocs.Document", "file", "staff, inside")
    name = world.canaries.new("wagtaildocs.Document", "file", "staff, as uploaded")
    words = world.canaries.values(Document, "staff", ["file"])
    Document.objects.create(file=ContentFile(inside.encode(), name=f"{name}.txt"), **words)
