"""People, what they keep of themselves, and the courses that brought them here."""

from alumni.models.certificates import Certificate
from alumni.models.directory import DirectoryUse, Position
from alumni.models.doors import Call, Invitation, Slip, Wave
from alumni.models.followup import ActionPlan, Answer, Change, Indicator, PlanStep
from alumni.models.hiding import Hiding
from alumni.models.profiles import Profile
from alumni.models.records import Access, Departed, Forgotten
from alumni.models.relay import Block, Complaint, Conversation, Message, Muting
from alumni.models.reports import ProjectReport, ReportLink
from alumni.models.rosters import RosterRow, RosterUpload
from alumni.models.training import Course, CourseRun, Enrolment, Module, Programme, Project
from alumni.models.users import User
from alumni.models.vouching import Vouching

__all__ = [
    "Access",
    "ActionPlan",
    "Answer",
    "Block",
    "Call",
    "Certificate",
    "Change",
    "Complaint",
    "Conversation",
    "Course",
    "CourseRun",
    "Departed",
    "DirectoryUse",
    "Enrolment",
    "Forgotten",
    "Hiding",
    "Indicator",
    "Invitation",
    "Message",
    "Module",
    "Muting",
    "PlanStep",
    "Position",
    "Profile",
    "Programme",
    "Project",
    "ProjectReport",
    "ReportLink",
    "RosterRow",
    "RosterUpload",
    "Slip",
    "User",
    "Vouching",
    "Wave",
]
