"""Everything editors publish."""

from cms.models.bylines import BylineChange
from cms.models.content import Content
from cms.models.countries import CountryIndexPage, CountryPage
from cms.models.desks import CountryDesk, StorySteps
from cms.models.facts import CountryFact
from cms.models.home import HomePage
from cms.models.images import Picture, PictureRendition
from cms.models.live import FirstLive, ShortTranslation
from cms.models.manuscripts import Dispatch, Manuscript
from cms.models.maps import MapSetting
from cms.models.namings import Naming
from cms.models.notices import NoticePage
from cms.models.programmes import ProgrammeIndexPage, ProgrammePage, ProjectPage
from cms.models.reactions import Tally
from cms.models.resources import ResourceDocument, ResourceIndexPage, ResourcePage
from cms.models.stories import StoryIndexPage, StoryPage
from cms.models.submissions import Submission, SubmissionPicture
from cms.models.topics import Topic
from cms.models.training import CourseIndexPage, CoursePage
from cms.models.updates import UpdateIndexPage, UpdatePage

__all__ = [
    "CountryDesk",
    "StorySteps",
    "BylineChange",
    "Content",
    "CountryFact",
    "CountryIndexPage",
    "CountryPage",
    "CourseIndexPage",
    "CoursePage",
    "Dispatch",
    "FirstLive",
    "HomePage",
    "Manuscript",
    "MapSetting",
    "Naming",
    "NoticePage",
    "Picture",
    "PictureRendition",
    "ShortTranslation",
    "ProgrammeIndexPage",
    "ProgrammePage",
    "ProjectPage",
    "ResourceDocument",
    "ResourceIndexPage",
    "ResourcePage",
    "StoryIndexPage",
    "StoryPage",
    "Submission",
    "SubmissionPicture",
    "Tally",
    "Topic",
    "UpdateIndexPage",
    "UpdatePage",
]
