"""What the report shows of a played story of shipping: documents first, then ships, boxes and what they cost."""

from scenarios.shipping.exhibits_documents import document_exhibits
from scenarios.shipping.exhibits_events import event_exhibits
from scenarios.story import Exhibit, Performance


def exhibits(performance: Performance) -> tuple[Exhibit, ...]:
    """Every exhibit, in the order of the report."""
    return (*document_exhibits(performance), *event_exhibits(performance))
