"""The records on the wire, one file a subject."""

from schemas.records.case_report import CaseReport
from schemas.records.check_in import CheckIn
from schemas.records.kept import Late, Rejected
from schemas.records.picture import (
    Aberration,
    AreaRt,
    CellDensity,
    CellRisk,
    Cluster,
    Hotspot,
    RiskShares,
    RtDay,
)
from schemas.records.progress import Progress
from schemas.records.services import Clue, GridVisit, Resource
from schemas.records.slices import AreaMinute, CellMinute, PlaceMinute

__all__ = [
    "Aberration",
    "AreaMinute",
    "AreaRt",
    "CaseReport",
    "CellDensity",
    "CellMinute",
    "CellRisk",
    "CheckIn",
    "Clue",
    "Cluster",
    "GridVisit",
    "Hotspot",
    "Late",
    "PlaceMinute",
    "Progress",
    "Rejected",
    "Resource",
    "RiskShares",
    "RtDay",
]
