"""What the things a host said, or did not say, mean for its one outcome. No answer is never ok."""

from dataclasses import dataclass
from datetime import datetime

from mspctl.engine.follow import Ended, NoBeginning, NoSpool, NotRoot, NotStarted, SameBoot
from mspctl.engine.openings import Admission
from mspctl.engine.steptrack import StepTrack
from mspctl.model.bundle import Bundle
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.playbook import OnFailure

REBOOT_SHUT = "reboot-window"
HALTED = Failure(
    Outcome.SKIPPED,
    "max-fail",
    "too many hosts ended badly before anything was started on this one",
    "mend the failed hosts, then run again",
)
RERUN = "a rerun is safe: each step looks before it changes anything"
UNTOUCHED = Failure(Outcome.CANCELLED, "cancelled", "before anything was started on the host")
UNHEARD = Failure(
    Outcome.CANCELLED,
    "cancelled",
    "the work was on its way to the host, which has not said whether it began",
    f"look at the host; {RERUN}",
)
REBOOT_UNSEEN = "reboot-unseen"


@dataclass(frozen=True, slots=True)
class Final:
    """The last word on a host; no further link would mend it."""

    failure: Failure


def of_worker(track: StepTrack) -> Failure:
    """The worker ended by itself: its last word and the verdicts of all steps."""
    word = track.last_word
    match word.field(0) if word else "":
        case "end":
            return of_steps(track)
        case "locked":
            owner = word.field(1) if word else ""
            return Failure(
                Outcome.SKIPPED,
                "locked",
                f"another run holds this host: {owner}",
                "wait for it to end, then run again",
            )
        case "cancelled":
            return Failure(Outcome.CANCELLED, "cancelled", _where(track), RERUN)
        case "step-timeout" | "run-timeout" as reason:
            detail = word.field(2) if word else ""
            return Failure(
                Outcome.TIMED_OUT,
                reason,
                detail,
                "see the step's output; raise its timeout if it was at work",
            )
        case "max-output":
            detail = word.field(2) if word else ""
            return Failure(Outcome.FAILED, "max-output", detail, "find out what prints so much")
    return Failure(Outcome.FAILED, "protocol", "the worker's last word was not understood", RERUN)


def of_steps(track: StepTrack) -> Failure:
    """All steps have spoken: the worst of them decides."""
    missing = track.missing()
    if missing:
        detail = f"{len(missing)} of {track.steps} steps gave no verdict"
        return Failure(Outcome.FAILED, "incomplete", detail, RERUN)
    statuses = track.statuses
    for bad in (StepStatus.BROKEN, StepStatus.FAILED):
        for index, status in sorted(statuses.items()):
            if status is bad:
                return Failure(
                    Outcome.FAILED, "step-failed", f"step {index + 1}: {track.reasons.get(index, '')}"
                )
    if StepStatus.CHANGED in statuses.values():
        return Failure(Outcome.CHANGED, "")
    if statuses and all(status is StepStatus.SKIPPED for status in statuses.values()):
        return Failure(Outcome.SKIPPED, "no-step-applied", "no step of the playbook applies to this host")
    return Failure(Outcome.OK, "")


def no_last_word(ended: Ended, track: StepTrack, boot_id: str) -> Final:
    """The worker is gone without saying so."""
    if ended.space == "full":
        return Final(
            Failure(
                Outcome.FAILED,
                "disk-full",
                f"the host ran out of space, {_where(track)}",
                "make room on the host (df -h, df -i), then run again",
            )
        )
    if boot_id and ended.boot_id != boot_id:
        detail = f"the host went down and came up again, {_where(track)}; what that step did is not known"
        return Final(Failure(Outcome.FAILED, "interrupted", detail, RERUN))
    detail = f"the worker on the host was killed (status {ended.worker_status}), {_where(track)}"
    return Final(Failure(Outcome.FAILED, "no-end-frame", detail, RERUN))


def no_spool(said: NoSpool, boot_id: str, *, begun: bool) -> Final:
    """No trace of the worker on the host."""
    if not begun:
        return Final(
            Failure(
                Outcome.FAILED,
                "no-space",
                "no folder on the host can be written to (/var/tmp, /run, /dev/shm, /tmp)",
                "make room on the host (df -h, df -i) or mount it writable",
            )
        )
    rebooted = boot_id and said.boot_id != boot_id
    detail = "the host has rebooted and" if rebooted else "the host is up but"
    return Final(
        Failure(Outcome.LOST, "spool-gone", f"{detail} nothing is left of the run's output there", RERUN)
    )


def not_root(said: NotRoot) -> Failure:
    """Nothing was run: not with the wrong rights."""
    if not said.uid.isdigit() and said.uid != "unknown":
        return Failure(
            Outcome.FAILED,
            "privilege",
            f"the account {said.uid} has no administrator's rights in this session",
            "put it into the Administrators group; for a local account other than the built-in one set"
            " LocalAccountTokenFilterPolicy to 1",
        )
    return Failure(
        Outcome.FAILED,
        "privilege",
        f"the program would have run as user id {said.uid}, not as root",
        "something in the account's start files (`exec bash`?) goes around sudo: take it out",
    )


def not_begun(said: NotRoot | NotStarted) -> Failure | Final:
    """Nothing was run, so nothing has to be looked for."""
    if isinstance(said, NotRoot):
        return not_root(said)
    return Final(
        Failure(
            Outcome.FAILED,
            "not-started",
            f"the host did not start the work: {said.why}",
            r"is the service Schedule running, is %ProgramData%\mspctl ours, is there room on the disk?",
        )
    )


def no_beginning(said: NoBeginning) -> Failure:
    """The host let us in, but the program never spoke. The transport may know a better name for it."""
    if isinstance(said.exit_status, Failure):
        return said.exit_status
    text = (said.stderr or said.stdout).decode(errors="replace").strip()
    last = text.splitlines()[-1] if text else "nothing was printed"
    status = "no exit status" if said.exit_status is None else f"exit status {said.exit_status}"
    return Failure(
        Outcome.FAILED,
        "shell",
        f"the login did not run our program ({status}): {last}",
        "log in by hand and see what the account's shell does",
    )


def of_exit(status: int | Failure | None) -> Failure | None:
    """None for exit status 0; anything else is not good, whatever the frames said."""
    if status == 0:
        return None
    if isinstance(status, Failure):
        return status
    said = "no exit status came" if status is None else f"exit status {status}"
    return Failure(Outcome.FAILED, "exit-status", f"the program ended badly: {said}", RERUN)


def patience_lost(last: SameBoot | Failure, track: StepTrack) -> Failure:
    """The link to a host at work did not come back in time."""
    seen = str(last) if isinstance(last, SameBoot) else f"{last.reason}: {last.detail}".rstrip(": ")
    detail = f"the link broke, {_where(track)}, and could not be made again ({seen})"
    return Failure(
        Outcome.LOST, "link-lost", detail, "the host works on alone: `mspctl runs resume` collects the result"
    )


def key_refused(refused: Failure, track: StepTrack) -> Failure:
    """Another machine may answer in place of the host where work was begun: nobody can say how that ends."""
    detail = f"{refused.detail}; work was begun on the host before, {_where(track)}"
    return Failure(Outcome.LOST, refused.reason, detail, refused.remedy)


def cancelled(track: StepTrack, bundle: Bundle, *, begun: bool | None, stopped: bool) -> Final:
    """Somebody said stop; says what that means on the host. `begun`: None if nobody knows."""
    if not begun:
        return Final(UNTOUCHED if begun is False else UNHEARD)
    if stopped:
        last = next((word for word in track.reasons.values() if word.startswith("not rebooted: ")), None)
        return Final(Failure(Outcome.CANCELLED, "cancelled", last or f"stopped, {_where(track)}", RERUN))
    running = next((step for step in bundle.steps if step.index == track.current), None)
    seen = f"last seen in step “{running.name}”" if running else "not yet seen in any step"
    detail = f"the host was not told, or did not answer: it may go on with its steps ({seen})"
    return Final(Failure(Outcome.CANCELLED, "cancelled", detail, f"look at the host; {RERUN}"))


def not_rebooted(track: StepTrack) -> str:
    """What to say of a reboot step at which the run was stopped before the order was given."""
    drained = (
        "; the host is drained, and the next run puts it back into service" if "drained" in track.kept else ""
    )
    return f"not rebooted: the run was stopped{drained}"


def stopped_before(detail: str) -> Failure:
    """The run was stopped when a host stood before its reboot."""
    return Failure(Outcome.CANCELLED, "cancelled", detail, RERUN)


def cancelled_reboot() -> Final:
    """Somebody said stop while the host was on its way from one boot to the next."""
    detail = (
        "while the host was rebooting: nobody has seen it come back, and the steps after that were not done"
    )
    return Final(Failure(Outcome.CANCELLED, REBOOT_UNSEEN, detail, f"see that it is up; {RERUN}"))


def cancelled_before_turn(*, sent: bool) -> Failure:
    """Somebody said stop before the turn of a resumed host; `sent`: an earlier try began work on it."""
    detail = "after controller_before, before anything was started on the host"
    if sent:
        detail = "before it was asked again what became of the work that an earlier try began on it"
    return Failure(Outcome.CANCELLED, "cancelled", detail, RERUN)


def cancelled_between() -> Final:
    """Somebody said stop when the steps after a reboot that was not made had not begun."""
    detail = "before the steps that follow the reboot were begun; the host was not rebooted"
    return Final(Failure(Outcome.CANCELLED, "cancelled", detail, RERUN))


def run_timeout(track: StepTrack) -> Final:
    """The controller's own limit, for a host whose watchdog did not speak."""
    detail = f"the time limit of the whole run was reached, {_where(track)}"
    return Final(Failure(Outcome.TIMED_OUT, "run-timeout", detail, "look at the host: it may be frozen"))


def barrier(track: StepTrack) -> int | None:
    """The index of the reboot step at which the worker has stopped, None if it has not."""
    word = track.last_word
    if word is None or word.field(0) != "reboot" or not word.field(1).isdigit():
        return None
    index = int(word.field(1))
    return index if due(track, index) else None


def due(track: StepTrack, index: int) -> bool:
    """True if the reboot step of that index has found a reboot due, and nobody has overruled it."""
    return track.statuses.get(index) is StepStatus.CHANGED


def reboot_shut(admission: Admission | None, now: datetime) -> Failure | None:
    """Why a host may not be told to reboot at this time; None if it may."""
    held = admission.refuses(now) if admission else None
    return None if held is None else not_in_window(f"not rebooted: {held.detail}")


def not_in_window(detail: str) -> Failure:
    """A due reboot that its window did not allow."""
    remedy = "reboot it in its next window: until then it runs what it ran before"
    return Failure(Outcome.FAILED, REBOOT_SHUT, detail, remedy)


def goes_on(index: int, bundle: Bundle) -> bool:
    """True if the steps after this one are done although it failed."""
    return any(step.index == index and step.on_failure is OnFailure.CONTINUE for step in bundle.steps)


def _where(track: StepTrack) -> str:
    return f"in step {track.current + 1} of {track.steps}" if track.current >= 0 else "before the first step"
