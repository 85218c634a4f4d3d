"""What holds for every test: property tests are judged by their answers, never by their time."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("answers", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("answers")
