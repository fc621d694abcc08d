"""The columns of a roster and the headings people give them, in the languages of the offices."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from newsletters.spreadsheets.words import folded


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


NAMES = (Column.NAME, Column.GIVEN_NAME, Column.FAMILY_NAME)
WHOLE_NAMES = ({Column.NAME}, {Column.GIVEN_NAME, Column.FAMILY_NAME})
"""Those that say somebody's whole name between them."""
WHO = (*NAMES, Column.EMAIL)
"""Those that say who somebody is."""

HEADINGS: dict[Column, str] = {
    Column.NAME: (
        "name, full name, names, participant, participant name, name of participant, "
        "name and surname, nom et prenom, nom et prenoms, nom prenom, noms et prenoms, "
        "nom complet, nom du participant, nome, nome completo, nome do participante, "
        "nome e apelido, "
        "الاسم, الاسم الكامل, الاسم بالكامل, اسم المشارك, الاسم الثلاثي, الاسم الرباعي, "
        "الاسم واللقب"
    ),
    Column.GIVEN_NAME: (
        "given name, given names, first name, first names, forename, forenames, christian name, "
        "prenom, prenoms, primeiro nome, nome proprio, nomes proprios, "
        "الاسم الأول, الاسم الشخصي, الاسم الاول"
    ),
    Column.FAMILY_NAME: (
        "family name, last name, last names, surname, nom, nom de famille, apelido, "
        "apelidos, sobrenome, ultimo nome, nome de familia, "
        "اسم العائلة, اللقب, الاسم العائلي, الاسم الأخير, الكنية, الشهرة, النسب"
    ),
    Column.EMAIL: (
        "email, e mail, mail, email address, e mail address, mail address, email id, courriel, "
        "mel, adresse email, adresse mail, adresse electronique, adresse e mail, "
        "courrier electronique, correio eletronico, correio electronico, endereco de email, "
        "endereco eletronico, "
        "البريد الإلكتروني, البريد الالكتروني, عنوان البريد الإلكتروني, بريد إلكتروني, الإيميل, "
        "إيميل, الايميل"
    ),
    Column.PHONE: (
        "phone, telephone, phone number, telephone number, mobile, mobile phone, mobile number, "
        "cell, cell phone, cellphone, tel, tel no, contact number, whatsapp, portable, gsm, "
        "numero de telephone, n de telephone, telefone, telemovel, celular, numero de telefone, "
        "الهاتف, رقم الهاتف, الجوال, المحمول, رقم الجوال, رقم المحمول, الموبايل, التليفون, هاتف"
    ),
    Column.GENDER: "gender, sex, sexe, genre, sexo, genero, الجنس, النوع, النوع الاجتماعي",
    Column.COUNTRY: (
        "country, nationality, country of origin, pays, nationalite, pays d origine, pais, "
        "nacionalidade, pais de origem, الدولة, البلد, الجنسية, بلد, دولة"
    ),
    Column.INSTITUTION: (
        "institution, organisation, organization, employer, agency, ministry, department, "
        "affiliation, institution name, place of work, organisme, employeur, ministere, structure, "
        "service, etablissement, instituicao, organizacao, organismo, entidade, ministerio, "
        "local de trabalho, المؤسسة, الجهة, جهة العمل, الوزارة, مكان العمل, الهيئة"
    ),
    Column.INSTITUTION_TYPE: (
        "institution type, type of institution, kind of institution, type of organisation, "
        "type of organization, organisation type, type d institution, type d organisme, "
        "type de structure, tipo de instituicao, tipo de organizacao, "
        "نوع المؤسسة, نوع الجهة, نوع جهة العمل"
    ),
    Column.POST: (
        "post, position, job title, job, function, rank, designation, current position, "
        "poste, fonction, fonctions, grade, poste actuel, cargo, funcao, posto, categoria, "
        "cargo atual, المنصب, الوظيفة, المسمى الوظيفي, الرتبة, الدرجة الوظيفية, الصفة الوظيفية"
    ),
    Column.ROLE: (
        "role, work, field of work, profession, occupation, area of work, metier, fonction, "
        "domaine d activite, domaine de travail, profissao, ocupacao, area de trabalho, papel, "
        "المهنة, مجال العمل, الدور, التخصص"
    ),
    Column.LANGUAGES: (
        "language, languages, working language, working languages, languages spoken, langue, "
        "langues, langue de travail, langues parlees, lingua, linguas, idioma, idiomas, "
        "lingua de trabalho, اللغة, اللغات, لغة العمل"
    ),
    Column.PART: (
        "took part as, part, participation, participated as, capacity, role in the course, role, "
        "participe comme, a participe comme, en qualite de, qualite, participou como, "
        "na qualidade de, qualidade, شارك بصفة, الصفة, صفة المشاركة"
    ),
    Column.COMPLETION: (
        "completion, status, attendance, completed, statut, presence, assiduite, "
        "estado, conclusao, presenca, situacao, الحالة, الحضور, الإتمام, إتمام الدورة"
    ),
    Column.COMPLETED_ON: (
        "completed on, date, completion date, date of completion, date completed, end date, "
        "date d achevement, date de fin, acheve le, termine le, data, data de conclusao, "
        "concluido em, data de fim, data de termo, conclusao, "
        "التاريخ, تاريخ الإتمام, تاريخ الانتهاء, أتم في, تاريخ إتمام الدورة"
    ),
}
"""What offices write above their columns; our own headings, `LABELS`, are known beside them.

A word beneath two columns means the first of them that no other heading of the list is.
"""


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


@lru_cache(maxsize=1)
def meanings() -> dict[str, tuple[Column, ...]]:
    """What each heading can mean, the likeliest first; in every language of the site.

    A word that offices use for one thing may be ours for another: Portuguese "função".
    """
    found: dict[str, tuple[Column, ...]] = {}
    for column, headings in HEADINGS.items():
        for heading in map(folded, headings.split(",")):
            found[heading] = tuple(dict.fromkeys((*found.get(heading, ()), column)))
    for ours in own_words():
        for column, word in ours.items():
            if column not in found.get(word, ()):
                found[word] = (*found.get(word, ()), column)
    return found


def columns_of_headings(headings: Sequence[str]) -> list[Column | None]:
    """The column each heading of a table means, None where we do not know it.

    Of two meanings that counts which no other heading of the table has.
    """
    known = [meanings().get(folded(heading[:200]), ()) for heading in headings]
    taken = {columns[0] for columns in known if len(columns) == 1}
    found: list[Column | None] = []
    for columns in known:
        free = (column for column in columns if column not in taken or len(columns) == 1)
        found.append(next(free, columns[0] if columns else None))
        taken.update(column for column in found[-1:] if column)
    return found


def leave_no_doubt(headings: Sequence[str], taken: Sequence[Column | None]) -> bool:
    """Whether each heading can mean nothing but the column it is taken for, names included.

    Where all of them are our own words, as in our empty lists, ours is what they mean; elsewhere a
    word of two meanings is asked about. A family name by itself may be a whole one, and a name
    beside a family name may be a given one.
    """
    held = set(taken)
    if None in held or len(held) < len(taken) or held & {*NAMES} not in WHOLE_NAMES:
        return False
    words = [folded(heading[:200]) for heading in headings]
    if any(
        all(ours[column] == word for word, column in zip(words, taken, strict=True) if column)
        for ours in own_words()
        if len(set(ours.values())) == len(ours)
    ):
        return True
    return all(len(meanings()[word]) == 1 for word in words)


@lru_cache(maxsize=1)
def own_words() -> tuple[dict[Column, str], ...]:
    """For each language of the site our label of each column, as headings are compared."""
    found = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.append({column: folded(str(label)) for column, label in LABELS.items()})
    return tuple(found)


def column_of(heading: str) -> Column | None:
    """The column a heading means by itself, None where we do not know it."""
    return next(iter(columns_of_headings([heading])), None)
