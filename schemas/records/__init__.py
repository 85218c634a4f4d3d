"""The records on the wire, one file a subject."""

from schemas.records.case_report import CaseReport
from schemas.records.check_in import CheckIn
from schemas.records.kept import Late, Rejected
from schemas.records.progress import Progress
from schemas.records.services import Clue, GridVisit, Resource
from schemas.records.slices import AreaMinute, CellMinute, PlaceMinute

__all__ = [
    "AreaMinute",
    "CaseReport",
    "CellMinute",
    "CheckIn",
    "Clue",
    "GridVisit",
    "Late",
    "PlaceMinute",
    "Progress",
    "Rejected",
    "Resource",
]
