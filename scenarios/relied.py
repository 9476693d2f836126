"""What a contract sees of records that it relies on, whether they lie on the same ledger or another one proved them."""

from ledger.contract import RecordView, Timestamp
from ledger.primitives import TIMESTAMP_MAX


class ReliedView(RecordView):
    """Base of such views."""

    until_ms: Timestamp = TIMESTAMP_MAX
    """Of what another ledger proved: how long it may be relied on. On the same ledger it is what holds now."""
