"""O2: invalid UTF-8 and lone surrogates become U+FFFD, flagged as lossy; JSON stays valid."""

import json

from mspctl.model.run import Output
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture
from tests.unit.engine.bundles import output


def test_o2(one_host: OneHost) -> None:
    found = one_host.run(r"check() { printf 'a\377b\355\240\200c'; changed_name=1; ok; }")
    kept = Output(head=output(found, 0))
    assert kept.text.startswith("a\ufffdb")
    assert kept.text.endswith("c")
    assert kept.lossy
    assert json.loads(json.dumps(kept.text)) == kept.text
    assert kept.text.encode()


def test_o2_in_a_report(one_host: OneHost) -> None:
    found = one_host.run(
        r"""check() { finding "$(printf 'bad\377name')" "v=$(printf '\355\240\200')"; ok; }"""
    )
    (report,) = [event.report for event in found if hasattr(event, "report")]
    assert report.name == "bad\ufffdname"
    assert report.fields[0][1].encode()
