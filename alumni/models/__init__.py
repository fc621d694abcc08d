"""People, what they keep of themselves, and the courses that brought them here."""

from alumni.models.certificates import Certificate
from alumni.models.followup import ActionPlan, Answer, Change, Indicator, PlanStep
from alumni.models.profiles import Profile
from alumni.models.reports import ProjectReport, ReportLink
from alumni.models.training import Course, CourseRun, Enrolment, Module, Programme, Project
from alumni.models.users import User

__all__ = [
    "ActionPlan",
    "Answer",
    "Certificate",
    "Change",
    "Course",
    "CourseRun",
    "Enrolment",
    "Indicator",
    "Module",
    "PlanStep",
    "Profile",
    "Programme",
    "Project",
    "ProjectReport",
    "ReportLink",
    "User",
]
