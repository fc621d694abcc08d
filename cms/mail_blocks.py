"""The parts of a mailing's words: few, each of which every mail program can show.

How they look is the mail engine's business (newsletters/pipeline/parts.py); here they are chosen.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from alumni.models import Project
from cms.blocks import FEATURES, QuotationBlock

MOST_NEWEST = 10


def projects() -> list[tuple[str, str]]:
    """Those whose agreement asks for a sentence."""
    return [(one.slug, str(one)) for one in Project.objects.all() if one.acknowledgement]


class NewestBlock(blocks.StructBlock):
    """Stories nobody has to pick: what was published since the last mailing."""

    most = blocks.IntegerBlock(
        label=_("At most"),
        min_value=1,
        max_value=MOST_NEWEST,
        default=3,
        help_text=_("How many stories, newest first; none that is picked by hand stands twice."),
    )

    class Meta:
        icon = "time"
        label = _("The newest stories since the last mailing")


class MailPictureBlock(blocks.StructBlock):
    """A picture across the column."""

    picture = ImageBlock(label=_("Picture"))
    caption = blocks.CharBlock(
        label=_("Caption"),
        required=False,
        max_length=250,
        help_text=_("Stands beneath the picture, also where pictures are not shown."),
    )

    class Meta:
        icon = "image"
        label = _("Picture")


class MailButtonBlock(blocks.StructBlock):
    """One thing to do."""

    label = blocks.CharBlock(
        label=_("Words on it"),
        max_length=60,
        help_text=_("They say what happens, like “Apply by 3 March”."),
    )
    page = blocks.PageChooserBlock(
        label=_("Page"),
        required=False,
        help_text=_("A page of this site; readers are led to it in their language where it is."),
    )
    url = blocks.URLBlock(
        label=_("Or an address"), required=False, help_text=_("With https:// before it.")
    )

    class Meta:
        icon = "link"
        label = _("Button")

    def clean(self, value: Any) -> Any:
        """A page or an address."""
        cleaned = super().clean(value)
        if bool(cleaned["page"]) == bool(cleaned["url"]):
            message = ValidationError(_("Choose a page or write an address, one of them."))
            raise blocks.StructBlockValidationError(block_errors={"url": message})
        return cleaned


class MailBlock(blocks.StreamBlock):
    """The words of a mailing."""

    text = blocks.RichTextBlock(label=_("Text"), icon="pilcrow", features=FEATURES)
    heading = blocks.CharBlock(label=_("Heading"), icon="title", max_length=120)
    story = blocks.PageChooserBlock(
        label=_("Story or resource"),
        icon="doc-full",
        page_type=["cms.StoryPage", "cms.ResourcePage"],
        help_text=_(
            "Stands in the language of this text; where there is no translation, in its own, with "
            "a line that says so."
        ),
    )
    newest = NewestBlock()
    call = blocks.PageChooserBlock(
        label=_("Call with its deadline"), icon="date", page_type=["cms.UpdatePage"]
    )
    quotation = QuotationBlock()
    picture = MailPictureBlock()
    button = MailButtonBlock()
    divider = blocks.StaticBlock(
        label=_("Divider"),
        icon="horizontalrule",
        admin_text=_("A line between what goes before and what follows."),
    )
    acknowledgement = blocks.ChoiceBlock(
        label=_("Acknowledgement of a project"), icon="pick", choices=projects
    )
