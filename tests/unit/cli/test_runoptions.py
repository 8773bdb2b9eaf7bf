"""What the run verbs take: waves, limits on failure, parameters."""

from collections.abc import Sequence
from typing import Any

import click
import pytest

from mspctl.cli.runoptions import RunOptions, options_of, run_options
from mspctl.engine.policy import Share
from mspctl.model.outcome import Outcome


def parsed(*arguments: str) -> RunOptions:
    taken: list[RunOptions] = []

    @click.command()
    @run_options
    def command(**given: Any) -> None:  # noqa: ANN401 - click's options, by name
        taken.append(options_of(given))

    command.main(list(arguments), standalone_mode=False)
    return taken[0]


def test_waves() -> None:
    assert parsed("--serial", "1,5,20%").serial == (Share(1), Share(5), Share(20, percent=True))
    assert parsed().serial == ()


def test_max_fail_for_all_bad_outcomes_and_for_each() -> None:
    assert parsed("--max-fail", "10%").max_fail.overall == Share(10, percent=True)
    each = parsed("--max-fail", "failed=1,unreachable=20%").max_fail
    assert each.overall is None
    assert each.each == {Outcome.FAILED: Share(1), Outcome.UNREACHABLE: Share(20, percent=True)}
    assert parsed().max_fail.overall is None


def test_parameters() -> None:
    assert parsed("-e", "a=1", "-e", "b=x=y").params == {"a": "1", "b": "x=y"}


def test_clients_are_named_once() -> None:
    assert parsed("--client", "a", "--client", "b", "--client", "a").target.clients == ("a", "b")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--serial", "0"],
        ["--serial", "0%"],
        ["--serial", "-1"],
        ["--serial", "many"],
        ["--max-fail", "ok=1"],
        ["--max-fail", "101%"],
        ["--max-fail", "failed="],
        ["--forks", "0"],
        ["--forks", "1000000000"],
        ["--max-hosts", "0"],
        ["-e", "novalue"],
        ["-e", "a=1", "-e", "a=2"],
    ],
)
def test_what_makes_no_sense_is_refused(arguments: Sequence[str]) -> None:
    with pytest.raises(click.BadParameter):
        parsed(*arguments)
