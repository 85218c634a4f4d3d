"""Pictures of the pages: pure functions from values to Plotly figures."""

from dashboard.figures.epicurve import epicurve
from dashboard.figures.hour import hour
from dashboard.figures.look import blank

__all__ = ["blank", "epicurve", "hour"]
