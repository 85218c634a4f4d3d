"""A state folder, and a keeper of two jobs whose surroundings the test decides."""

import pytest

from stack.keeper import Keeper
from stack.layout import Layout
from stack.programs import JOBMANAGER
from tests.stack.fake_cluster import FakeRest, FakeSubmission, FakeTopics


@pytest.fixture
def layout(tmp_path):
    """Make an empty state folder."""
    layout = Layout(tmp_path)
    layout.make()
    return layout


@pytest.fixture
def keeper(layout):
    layout.starts_of(JOBMANAGER).write_text("1")
    topics = FakeTopics(layout.topics_file)
    return Keeper(("counts", "rollups"), layout, FakeRest(), False, FakeSubmission, topics)
