"""People, what they keep of themselves, and the courses that brought them here."""

from alumni.models.directory import DirectoryUse, Position
from alumni.models.profiles import Profile
from alumni.models.training import Course, CourseRun, Enrolment, Module, Programme, Project
from alumni.models.users import User

__all__ = [
    "Course",
    "CourseRun",
    "DirectoryUse",
    "Enrolment",
    "Module",
    "Position",
    "Profile",
    "Programme",
    "Project",
    "User",
]
