"""What a contract sees of records that it relies on, whether they lie on the same ledger or another one proved them."""

from ledger.contract import NonNegative, RecordView
from ledger.primitives import INTEGER_MAX


class ReliedView(RecordView):
    """Base of such views."""

    until_ms: NonNegative = INTEGER_MAX
    """Of what another ledger proved: how long it may be relied on. On the same ledger it is what holds now."""
