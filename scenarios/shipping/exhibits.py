"""What the report shows of a played story of shipping: documents first, then ships, boxes and what they cost."""

from scenarios.shipping.exhibits_documents import document_exhibits
from scenarios.shipping.exhibits_events import event_exhibits
from scenarios.story.story import Exhibit, PlayedStory


def exhibits(played_story: PlayedStory) -> tuple[Exhibit, ...]:
    """Every exhibit, in the order of the report."""
    return (*document_exhibits(played_story), *event_exhibits(played_story))
