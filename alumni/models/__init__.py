"""People, what they keep of themselves, and the courses that brought them here."""

from alumni.models.hiding import Hiding
from alumni.models.profiles import Profile
from alumni.models.records import Access, Departed, Forgotten
from alumni.models.relay import Block, Complaint, Conversation, Message
from alumni.models.training import Course, CourseRun, Enrolment, Module, Programme, Project
from alumni.models.users import User

__all__ = [
    "Access",
    "Block",
    "Complaint",
    "Conversation",
    "Course",
    "CourseRun",
    "Departed",
    "Enrolment",
    "Forgotten",
    "Hiding",
    "Message",
    "Module",
    "Profile",
    "Programme",
    "Project",
    "User",
]
