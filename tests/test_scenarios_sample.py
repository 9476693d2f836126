"""The sample export is what the code makes today, and it verifies without any node."""

from ledger.audit import audit_export
from scenarios.sample import BYTES_MAX, sample_lines, sample_path


def test_the_file_is_what_the_simulator_exports() -> None:
    hint = "formats or the sample contract changed: python -m scenarios.sample writes the file anew"
    assert sample_path().read_bytes() == sample_lines(), hint


def test_the_file_is_small_and_verifies() -> None:
    data = sample_path().read_bytes()
    assert len(data) <= BYTES_MAX
    report = audit_export(data.splitlines())
    assert report.broken is None
