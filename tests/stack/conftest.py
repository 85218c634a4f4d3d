"""A keeper of two jobs whose surroundings the test decides."""

import pytest

from stack.keeper import Keeper
from stack.layout import Layout
from stack.programs import JOBMANAGER
from tests.stack.fake_cluster import FakeRest, FakeSubmission, FakeTopics


@pytest.fixture
def keeper(tmp_path):
    layout = Layout(tmp_path)
    layout.make()
    layout.starts_of(JOBMANAGER).write_text("1")
    topics = FakeTopics(tmp_path / "topics.json")
    return Keeper(("counts", "rollups"), layout, FakeRest(), False, FakeSubmission, topics)
