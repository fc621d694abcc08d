"""The columns of a roster and the headings people give them, in the languages of the offices."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from functools import lru_cache

from django.utils.translation import gettext_lazy as _


class Column(Enum):
    """What a column holds; the value is how we call it in a message."""

    __hash__ = object.__hash__  # an Enum's own is many times slower, and every cell is looked up

    NAME = "name"
    GIVEN_NAME = "given name"
    FAMILY_NAME = "family name"
    EMAIL = "e-mail"
    PHONE = "phone"
    GENDER = "gender"
    COUNTRY = "country"
    INSTITUTION = "institution"
    INSTITUTION_TYPE = "institution type"
    POST = "post"
    ROLE = "role"
    LANGUAGES = "languages"
    PART = "took part as"
    COMPLETION = "completion"
    COMPLETED_ON = "completed on"


HEADINGS: dict[Column, str] = {
    Column.NAME: (
        "name, full name, participant, participant name, nom et prenom, nom complet, nome, "
        "nome completo, الاسم, الاسم الكامل, اسم المشارك"
    ),
    Column.GIVEN_NAME: (
        "given name, given names, first name, forename, prenom, prenoms, primeiro nome, "
        "nome proprio, الاسم الأول, الاسم الشخصي"
    ),
    Column.FAMILY_NAME: (
        "family name, last name, surname, nom, nom de famille, apelido, sobrenome, "
        "اسم العائلة, اللقب, الاسم العائلي"
    ),
    Column.EMAIL: (
        "email, e mail, mail, email address, e mail address, courriel, adresse email, "
        "adresse electronique, adresse e mail, correio eletronico, endereco de email, "
        "البريد الإلكتروني, البريد الالكتروني, عنوان البريد الإلكتروني, الإيميل"
    ),
    Column.PHONE: (
        "phone, telephone, phone number, telephone number, mobile, mobile phone, tel, portable, "
        "numero de telephone, telefone, telemovel, الهاتف, رقم الهاتف, الجوال, المحمول"
    ),
    Column.GENDER: "gender, sex, sexe, genre, sexo, genero, الجنس, النوع",
    Column.COUNTRY: "country, nationality, pays, nationalite, pais, الدولة, البلد, الجنسية",
    Column.INSTITUTION: (
        "institution, organisation, organization, employer, agency, ministry, organisme, "
        "employeur, ministere, instituicao, organizacao, المؤسسة, الجهة, جهة العمل, الوزارة"
    ),
    Column.INSTITUTION_TYPE: (
        "institution type, type of institution, kind of institution, type d institution, "
        "tipo de instituicao, نوع المؤسسة, نوع الجهة"
    ),
    Column.POST: (
        "post, position, job title, function, rank, poste, fonction, grade, cargo, "
        "funcao, المنصب, الوظيفة, المسمى الوظيفي"
    ),
    Column.ROLE: "role, work, field of work, metier, profissao, المهنة, مجال العمل",
    Column.LANGUAGES: (
        "language, languages, working language, langue, langues, lingua, linguas, idioma, "
        "idiomas, اللغة, اللغات"
    ),
    Column.PART: (
        "took part as, part, participation, participated as, participe comme, qualite, "
        "participou como, شارك بصفة, الصفة"
    ),
    Column.COMPLETION: "completion, status, attendance, statut, presence, estado, الحالة, الحضور",
    Column.COMPLETED_ON: (
        "completed on, date, completion date, date of completion, date completed, "
        "date d achevement, date de fin, data, data de conclusao, التاريخ, تاريخ الإتمام"
    ),
}


WORDS = re.compile(r"[a-z0-9]+")

LABELS = {
    Column.NAME: _("Name"),
    Column.GIVEN_NAME: _("Given name"),
    Column.FAMILY_NAME: _("Family name"),
    Column.EMAIL: _("E-mail"),
    Column.PHONE: _("Phone"),
    Column.GENDER: _("Gender"),
    Column.COUNTRY: _("Country"),
    Column.INSTITUTION: _("Institution"),
    Column.INSTITUTION_TYPE: _("Institution type"),
    Column.POST: _("Post"),
    Column.ROLE: _("Role"),
    Column.LANGUAGES: _("Languages"),
    Column.PART: _("Took part as"),
    Column.COMPLETION: _("Completion"),
    Column.COMPLETED_ON: _("Completed on"),
}
"""What a person reads for each column, in the language of the moment."""


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """Small letters without accents, marks and punctuation, single blanks: what is compared."""
    if text.isascii():
        return " ".join(WORDS.findall(text.lower()))
    letters = (
        letter if letter.isalnum() else " "
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter)
    )
    return " ".join("".join(letters).split())


COLUMN_OF_HEADING: dict[str, Column] = {
    folded(heading): column
    for column, headings in HEADINGS.items()
    for heading in headings.split(",")
}


def column_of(heading: str) -> Column | None:
    """The column a heading means, None where we do not know it."""
    return COLUMN_OF_HEADING.get(folded(heading[:200]))
