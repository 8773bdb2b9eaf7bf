"""Documents of a page or two in the look of the report: comparison, invoice, roadmap."""

from collections.abc import Mapping
from dataclasses import dataclass

from mspctl.report.pages.fonts import embedded
from mspctl.report.pages.look import DARK, FONTS, Look, report_folder
from mspctl.report.pages.templating import environment


@dataclass(frozen=True, slots=True)
class Heading:
    """Who made it for whom, and what it is called."""

    provider: str
    client: str
    title: str
    issued: str
    """A day, in words."""
    confidential: bool = True


def sheet(template: str, look: Look, heading: Heading, given: Mapping[str, object]) -> str:
    """The page of `sheets/<template>`: one file, no script, no network, nothing unescaped.

    Raises:
        FileNotFoundError: the installation lacks its templates.
    """
    from mspctl.report.drawing.svg import COLOURS  # noqa: PLC0415 - markupsafe comes with jinja2

    speech, theme = look.speech, look.theme
    maker = theme.name or heading.provider
    prepared = speech.say("Confidential, prepared for {client}", client=heading.client)
    values: dict[str, object] = {
        "heading": heading,
        "maker": maker,
        "prepared": prepared if heading.confidential else "",
        "speech": speech,
        "language": speech.language,
        "say": speech.say,
        "many": speech.many,
        "theme": theme,
        "colours": COLOURS,
        "dark": DARK,
        "paper": theme.paper,
        "footer": " \u00b7 ".join(
            filter(None, (maker, prepared if heading.confidential else heading.client))
        ),
        "page_words": " \u00b7 ".join((heading.title, speech.say("Page"))),
        **given,
    }
    text = environment([*look.folders, report_folder()]).get_template(f"sheets/{template}").render(values)
    return embedded(text, theme, report_folder() / "fonts", FONTS)
