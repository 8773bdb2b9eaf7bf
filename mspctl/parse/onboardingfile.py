"""The file that keeps an onboarding between calls: `onboarding/<client>/found.yml`."""

import re
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mspctl.errors import ConfigurationError
from mspctl.model.onboarding import Answer, Baseline, Door, Login, Onboarding
from mspctl.parse.block import Block
from mspctl.parse.fields import Address, Line, Name, Port, Text, Timezone, Whole, wrong
from mspctl.parse.importers.draft import Foreign, dump_yaml
from mspctl.parse.source import DECEIVING, read_source
from mspctl.parse.validate import validate
from mspctl.parse.yaml import parse_yaml

_HEAD = "# What `mspctl onboard` has found so far. Without it, it begins anew.\n"
_ZONED = re.compile(r".*[+-]\d\d:\d\d")


def _moment(text: str) -> datetime:
    try:
        if _ZONED.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise wrong("it is no time", "write it as 2026-11-29T12:00:00+00:00")


Moment = Annotated[str, AfterValidator(_moment)]


class DoorBlock(Block):
    """A port that was open."""

    port: Port
    greeting: Text = ""


class AnswerBlock(Block):
    """An address at which something answered."""

    address: Address
    doors: list[DoorBlock] = Field(default_factory=list)
    name: Text = ""
    os: Text = ""
    trouble: Text = ""


class LoginBlock(Block):
    """How the hosts are logged in to."""

    user: Text = ""
    identity: Text = ""
    password: Text = ""
    become: Text = ""
    become_password: Text = ""
    windows_user: Text = ""
    windows_password: Text = ""


class BaselineBlock(Block):
    """The first runs."""

    at: Moment
    runs: list[Line]


class OnboardingFile(Block):
    """The whole file."""

    format: Annotated[Whole, Field(ge=1, le=1)]
    client: Name
    name: Text = ""
    timezone: Timezone = "UTC"
    site: Name = "main"
    ssh_ports: list[Port] = Field(default_factory=list)
    login: LoginBlock = LoginBlock()
    asked: list[Line] = Field(default_factory=list)
    scanned: Moment | None = None
    answers: list[AnswerBlock] = Field(default_factory=list)
    proposal: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] | Literal[""] = ""
    baseline: BaselineBlock | None = None


def read_onboarding(path: Path) -> Onboarding | None:
    """What the file says; None if there is none.

    Raises:
        ConfigurationError: it is not what mspctl writes; all problems, with their places.
    """
    if not path.exists():
        return None
    source = read_source(path)
    block = validate(OnboardingFile, parse_yaml(source), source.file)
    if isinstance(block, tuple):
        raise ConfigurationError.of(block)
    return Onboarding(
        block.client,
        block.name,
        block.timezone,
        block.site,
        tuple(block.ssh_ports),
        Login(**block.login.model_dump()),
        tuple(block.asked),
        _time(block.scanned),
        tuple(map(_answer, block.answers)),
        block.proposal,
        _baseline(block.baseline),
    )


def _answer(block: AnswerBlock) -> Answer:
    doors = tuple(Door(each.port, each.greeting) for each in block.doors)
    return Answer(block.address, doors, block.name, block.os, block.trouble)


def _baseline(block: BaselineBlock | None) -> Baseline | None:
    if block is None:
        return None
    at = _time(block.at)
    return Baseline(at, tuple(block.runs)) if at is not None else None


def _time(moment: object) -> datetime | None:
    return moment if isinstance(moment, datetime) else None


def onboarding_text(state: Onboarding) -> str:
    """The file's text. What hosts said holds no character that cannot be seen."""
    document: dict[str, Foreign] = {"format": 1, "client": state.client, "name": state.name}
    document |= {"timezone": state.timezone, "site": state.site, "ssh_ports": list(state.ssh_ports)}
    document["login"] = {name: text for name, text in asdict(state.login).items() if text}
    document["asked"] = list(state.asked)
    if state.scanned is not None:
        document["scanned"] = state.scanned.isoformat()
    document["answers"] = [_answer_document(each) for each in state.answers]
    document["proposal"] = state.proposal
    if state.baseline is not None:
        document["baseline"] = {"at": state.baseline.at.isoformat(), "runs": list(state.baseline.runs)}
    return _HEAD + dump_yaml(document)


def _answer_document(answer: Answer) -> dict[str, Foreign]:
    doors = [{"port": each.port, "greeting": _seen(each.greeting)} for each in answer.doors]
    told = {"name": answer.name, "os": answer.os, "trouble": answer.trouble}
    return {"address": answer.address, "doors": doors, **{key: _seen(text) for key, text in told.items()}}


def _seen(text: str) -> str:
    return DECEIVING.sub("", text)[:300]
