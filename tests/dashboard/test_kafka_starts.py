"""Where the war room begins to read, and what it waits for."""

from types import SimpleNamespace

from confluent_kafka import TopicPartition

from dashboard.hub.starts import starts, still_to_come
from schemas.topics import CASES, CHECKINS_PROGRESS, PLACE_MINUTES


class QuietBus:
    """A bus with these (first, end) of every partition of a topic, and no record of a time."""

    def __init__(self, spans):
        self.spans = spans

    def list_topics(self, timeout):
        """Give the topics."""
        partitions = SimpleNamespace(error=None, partitions={0: None, 1: None})
        return SimpleNamespace(topics=dict.fromkeys(self.spans, partitions))

    def get_watermark_offsets(self, place, timeout):
        """Give first offset and end."""
        return self.spans[place.topic]

    def offsets_for_times(self, places, timeout):
        """Find nothing."""
        return [TopicPartition(place.topic, place.partition, -1) for place in places]


def test_an_empty_topic_is_not_waited_for():
    spans = {PLACE_MINUTES.name: (0, 0), CHECKINS_PROGRESS.name: (0, 7), CASES.name: (0, 0)}
    begin, ends = starts(QuietBus(spans))
    assert still_to_come(begin, ends) == {(CHECKINS_PROGRESS.name, p): 7 for p in (0, 1)}


def test_a_topic_whose_records_have_all_expired_is_not_waited_for():
    spans = {PLACE_MINUTES.name: (0, 0), CHECKINS_PROGRESS.name: (0, 0), CASES.name: (90, 90)}
    begin, ends = starts(QuietBus(spans))
    assert still_to_come(begin, ends) == {}
