"""What a keeper deals with, as a test decides it: submissions, a JobManager and topics."""

from stack.vanished import Topics

NOW_MS = 1_700_000_000_000


class FakeSubmission:
    """A submission whose outcome the test decides."""

    def __init__(self, orders):
        self.orders = orders
        self.outcome = None

    def outcomes(self):
        """Give what the test decided."""
        return self.outcome


class FakeRest:
    """A JobManager that says what the test says; None is no answer at all."""

    def __init__(self):
        self.jobs = []
        self.said = {}
        self.cancelled = []

    def patch(self, path):
        """Begin to cancel a job."""
        self.cancelled.append(path)

    def get(self, path):
        """Answer what a look asks."""
        if path != "/jobs/overview" or self.jobs is None:
            return self.said.get(path)
        return {"jobs": self.jobs}

    def fails(self, job_id, *lines):
        """Let a job have failed for a reason."""
        entries = [{"stacktrace": "\n".join(lines)}]
        self.said[f"/jobs/{job_id}/exceptions?maxExceptions=1"] = {
            "exceptionHistory": {"entries": entries}
        }


class FakeTopics(Topics):
    """Topics of which the test takes some away or makes them anew; made, they are all there."""

    def __init__(self, file, broker=None):
        self.away = set()
        self.broker = {"in": "1", "between": "2", "out": "3"} if broker is None else broker
        touched = {"counts": frozenset({"in", "between"}), "rollups": frozenset({"between", "out"})}
        super().__init__(
            lambda: self.broker | dict.fromkeys(self.away, ""), self.made, touched, file
        )

    def made(self):
        """Make what is away; it has another id then."""
        self.broker |= {name: self.broker[name] + "'" for name in self.away}
        self.away.clear()


def listed(name, job_id, state="RUNNING"):
    return {"jid": job_id, "name": name, "state": state, "start-time": 1}
