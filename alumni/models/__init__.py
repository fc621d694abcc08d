"""People, what they keep of themselves, and the courses that brought them here."""

from alumni.models.doors import Call, Invitation, Slip, Wave
from alumni.models.profiles import Profile
from alumni.models.training import Course, CourseRun, Enrolment, Module, Programme, Project
from alumni.models.users import User

__all__ = [
    "Call",
    "Course",
    "CourseRun",
    "Enrolment",
    "Invitation",
    "Module",
    "Profile",
    "Programme",
    "Project",
    "Slip",
    "User",
    "Wave",
]
