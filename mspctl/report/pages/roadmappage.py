"""A roadmap as a page for the client."""

from mspctl.model.roadmap import Roadmap
from mspctl.report.pages.look import Look
from mspctl.report.pages.sheet import Heading, sheet
from mspctl.report.wording.roadmapwords import RoadmapWords


def roadmap_page(found: Roadmap, look: Look, provider: str, client: str) -> str:
    """The page for the client."""
    title = look.speech.say("Roadmap")
    heading = Heading(provider, client, title, look.speech.day(found.made))
    return sheet("roadmap.html.j2", look, heading, {"page": RoadmapWords(found, look.speech)})
