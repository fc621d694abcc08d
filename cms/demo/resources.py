"""The pack's publications, tools and training materials, with files one can open and print."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import TYPE_CHECKING
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils.html import escape
from wagtail.documents.models import Document

from alumni.models import CourseRun, Project
from cms.demo.articles import body, stands, write
from cms.models import ResourceDocument, ResourceIndexPage, ResourcePage
from newsletters.markup import direction

if TYPE_CHECKING:
    from packs.demonstration import DocumentPlan, PageText, ResourcePlan

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELATED = "application/vnd.openxmlformats-package.relationships+xml"
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
LONG_AGO = (2026, 1, 1, 0, 0, 0)
"""Every file of the archive has this date, so that the same words make the same bytes."""


def resource(name: str, plan: ResourcePlan) -> bool:
    """A resource in each of its languages, with its files; False when there is one of that name."""
    if stands(ResourceIndexPage, name, plan):
        return False
    files = [(one, _document(one)) for one in plan.documents]
    run = CourseRun.objects.get(slug=plan.run) if plan.run else None
    project = Project.objects.get(slug=plan.project) if plan.project else None

    def page(text: PageText) -> ResourcePage:
        return ResourcePage(
            kind=plan.kind,
            countries=list(plan.countries),
            topics=list(plan.topics),
            course_run=run,
            project=project,
            body=body(text),
            documents=[
                ResourceDocument(
                    document=kept, title=one.title, language=one.language, sort_order=place
                )
                for place, (one, kept) in enumerate(files)
            ],
        )

    write(ResourceIndexPage, name, plan, page, uuid4())
    return True


def printable(plan: DocumentPlan) -> bytes:
    """A Word document: the title, then the paragraphs, in the direction of its language."""
    backwards = direction(plan.language) == "rtl"
    sideways, letters = ("<w:bidi/>", "<w:rtl/>") if backwards else ("", "")

    def paragraph(text: str, size: int, bold: str = "") -> str:
        return (
            f'<w:p><w:pPr>{sideways}<w:spacing w:after="200"/></w:pPr><w:r><w:rPr>{bold}'
            f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>{letters}</w:rPr>'
            f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
        )

    told = paragraph(plan.title, 36, "<w:b/><w:bCs/>")
    told += "".join(paragraph(text, 24) for text in plan.paragraphs)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{RELATED}"/>'
        f'<Override PartName="/word/document.xml" ContentType="{MAIN}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{told}</w:body></w:document>',
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, DECLARED + text)
    return written.getvalue()


def _document(plan: DocumentPlan) -> Document:
    content = printable(plan)
    return Document.objects.create(
        title=plan.title,
        file=ContentFile(content, name=f"{plan.name}.docx"),
        file_size=len(content),
        file_hash=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
    )
