"""Runs steps on a lab host as root, past its sshd: modules are on trial here, not the link."""

import secrets
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mspctl.engine.assemble import program
from mspctl.engine.frames import Frame, FrameReader
from mspctl.engine.sending import Errand, RuntimeTexts, Sending
from mspctl.engine.steptrack import StepTrack
from mspctl.model.bundle import Bundle, BundleStep
from mspctl.model.event import Event, Report, ReportKind, StepEnded, StepOutput, StepReported
from mspctl.model.inventory import Access, Host
from mspctl.model.outcome import Forecast, StepStatus
from mspctl.model.playbook import OnFailure
from mspctl.model.secret import Secret
from mspctl.shipped import shipped_folder
from tests.integration.modules.samples import Use, library, load, render


class Inside(Protocol):
    """A host of the lab, or whatever else turns a command into one that runs inside it."""

    def inside(self, command: Sequence[str], /) -> list[str]: ...


@dataclass(slots=True)
class Result:
    """What one step said and printed."""

    status: StepStatus = StepStatus.SKIPPED
    reason: str = ""
    forecast: Forecast | None = None
    reports: list[Report] = field(default_factory=list)
    output: str = ""

    def of(self, kind: ReportKind) -> dict[str, dict[str, str]]:
        """The reports of a kind: name → its pairs."""
        return {report.name: dict(report.fields) for report in self.reports if report.kind is kind}

    @property
    def changes(self) -> dict[str, dict[str, str]]:
        return self.of(ReportKind.CHANGE)

    @property
    def findings(self) -> dict[str, dict[str, str]]:
        return self.of(ReportKind.FINDING)

    @property
    def held(self) -> dict[str, dict[str, str]]:
        return self.of(ReportKind.HELD)

    @property
    def metrics(self) -> dict[str, str]:
        return {report.name: report.value for report in self.reports if report.kind is ReportKind.METRIC}

    @property
    def facts(self) -> dict[str, str]:
        return {report.name: report.value for report in self.reports if report.kind is ReportKind.FACT}


def run(
    host: Inside,
    *uses: Use,
    check: bool = False,
    shell: Sequence[str] = ("/bin/sh",),
    timeout: float | None = None,
) -> list[Result]:
    """The results of one bundle with these steps, each going on after a failure."""
    nonce = secrets.token_hex(16)
    text = _program(nonce, uses, check=check, timeout=timeout)
    started = subprocess.Popen(
        host.inside([*shell, "-s"]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    with started as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(text)
        process.stdin.flush()
        results = [Result() for _ in uses]
        track, reader = StepTrack("host", len(uses), check), FrameReader(nonce)
        while chunk := process.stdout.read1(65536):  # type: ignore[attr-defined]
            for item in reader.feed(chunk):
                if isinstance(item, Frame) and item.verb == "@" and item.field(0) == "ended":
                    process.stdin.write(b"mspctl_acknowledge\n")
                    process.stdin.close()
                events = track.frame(item) if isinstance(item, Frame) else track.output(item)
                for event in events:
                    _take(results, event)
        process.wait(timeout=60)
    assert not track.missing(), "the worker ended early"
    return results


def run_one(host: Inside, use: Use, *, check: bool = False, timeout: float | None = None) -> Result:
    """The result of a single step."""
    return run(host, use, check=check, timeout=timeout)[0]


def _take(results: list[Result], event: Event) -> None:
    match event:
        case StepOutput() if event.index >= 0:
            results[event.index].output += event.chunk.decode("utf-8", errors="replace")
        case StepReported():
            results[event.index].reports.append(event.report)
        case StepEnded():
            results[event.index].status = event.status
            results[event.index].reason = event.reason
            results[event.index].forecast = event.forecast


def _program(nonce: str, uses: Sequence[Use], *, check: bool, timeout: float | None) -> bytes:
    steps, libraries, values = list[BundleStep](), dict[str, str](), list[Secret]()
    for index, use in enumerate(uses):
        module = load(use.module)
        libraries |= {name: library(name) for name in module.libraries}
        steps.append(
            BundleStep(
                index,
                f"step {index}",
                use.module,
                render(use, len(values)),
                timeout=timeout or module.timeout or 600,
                verify=module.verify,
                interruptible=module.interruptible,
                changes=module.changes,
                on_failure=OnFailure.CONTINUE,
            )
        )
        values.extend(map(Secret, use.secrets.values()))
    host = Host("acme", "hq", "web1", Access())
    bundle = Bundle(host, tuple(steps), tuple(libraries.values()), (), "digest", check_mode=check)
    folder = shipped_folder("templates") / "bundle" / "posix"
    texts = RuntimeTexts(
        *((folder / f"{name}.sh").read_text(encoding="utf-8") for name in ("launch", "worker", "finish"))
    )
    return program(
        Sending(
            Errand(nonce, f"mspctl-{secrets.token_hex(8)}", owner="the tests"),
            bundle,
            tuple(values),
            texts,
            {},
        )
    )
