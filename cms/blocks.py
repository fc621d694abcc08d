"""The vocabulary of a text: six parts, each with a template, so that site and mail read alike."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

FEATURES = ["bold", "italic", "link", "ol", "ul"]
"""What a paragraph may hold; headings, pictures and boxes are parts of their own."""


class PictureBlock(blocks.StructBlock):
    """A picture with a caption; its text for those who do not see it is asked for."""

    picture = ImageBlock(label=_("Picture"))
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=250)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "cms/blocks/picture.html"


class QuotationBlock(blocks.StructBlock):
    """Somebody's words and who said them, as that person chose to be named."""

    words = blocks.TextBlock(label=_("Words"), max_length=600)
    speaker = blocks.CharBlock(
        label=_("Who said it"),
        required=False,
        max_length=150,
        help_text=_("As the person chose to be named: name, initials, or role and country."),
    )

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        template = "cms/blocks/quotation.html"


class AdviceBlock(blocks.StructBlock):
    """The box that a reader in a hurry takes away."""

    title = blocks.CharBlock(
        label=_("Title"), max_length=100, default=_("What we would tell a colleague")
    )
    points = blocks.ListBlock(
        blocks.CharBlock(label=_("Point"), max_length=250), label=_("Points"), min_num=1, max_num=6
    )

    class Meta:
        icon = "pick"
        label = _("What we would tell a colleague")
        template = "cms/blocks/advice.html"


class LinkBlock(blocks.StructBlock):
    """One address with the words that lead there."""

    text = blocks.CharBlock(label=_("Text"), max_length=150)
    url = blocks.URLBlock(label=_("Address"))

    class Meta:
        icon = "link"
        label = _("Link")


class LinksBlock(blocks.StructBlock):
    """Where to read on."""

    title = blocks.CharBlock(label=_("Title"), required=False, max_length=100)
    links = blocks.ListBlock(LinkBlock(), label=_("Links"), min_num=1, max_num=12)

    class Meta:
        icon = "list-ul"
        label = _("Links")
        template = "cms/blocks/links.html"


class TextBlock(blocks.StreamBlock):
    """The body of a page."""

    heading = blocks.CharBlock(
        label=_("Heading"), icon="title", max_length=120, template="cms/blocks/heading.html"
    )
    paragraph = blocks.RichTextBlock(
        label=_("Paragraph"),
        icon="pilcrow",
        features=FEATURES,
        template="cms/blocks/paragraph.html",
    )
    picture = PictureBlock()
    quotation = QuotationBlock()
    advice = AdviceBlock()
    links = LinksBlock()
