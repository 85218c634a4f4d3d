"""`hexline city`: check packs, make them from a customer's files, convert public ones.

The only place of this part that reads arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec

import typer
from rich.console import Console

from cities.errors import CityError, SourceError
from geo.datum import Datum

app = typer.Typer(help="Check city packs and make them.", no_args_is_help=True)
convert_app = typer.Typer(help="Make a pack of another period from public raw files.")
app.add_typer(convert_app, name="convert")
console = Console(highlight=False, soft_wrap=True)
failures = Console(stderr=True, highlight=False, soft_wrap=True)
P = ParamSpec("P")

MOST_LINES = 20


def one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    """End a command that fails with one clear line and a non-zero exit."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (CityError, OSError) as error:
            failures.print(f"error {error}", style="red", markup=False)
            raise typer.Exit(1) from None

    return run


@app.command()
@one_line_errors
def check(
    pack: Annotated[str, typer.Argument(help="Folder of the pack, or the name of one shipped.")],
    most: Annotated[int, typer.Option(help="Lines shown of each kind of finding.")] = MOST_LINES,
) -> None:
    """Say everything that is wrong with a pack; exit 1 where it cannot be used."""
    from cities.check import check as check_pack  # noqa: PLC0415 - a --help loads no geometry
    from cities.pack import pack_folder  # noqa: PLC0415

    report = check_pack(pack_folder(pack))
    _print_findings(map(str, report.findings), most)
    levels = ", ".join(f"{count} {level}" for level, count in report.areas.items())
    kinds = ", ".join(f"{count} {kind}" for kind, count in report.places.items())
    console.print(f"areas: {levels or 'none'}; {report.residents:,} residents", markup=False)
    console.print(f"places: {kinds or 'none'}", markup=False)
    console.print("usable" if report.usable else "not usable: the errors above come first")
    if not report.usable:
        raise typer.Exit(1)


@app.command(name="import")
@one_line_errors
def import_(
    pack: Annotated[Path, typer.Argument(help="New folder for the pack.")],
    *,
    areas: Annotated[Path, typer.Option("--from", help="Smallest areas: GeoJSON, GPKG, SHP, CSV.")],
    levels: Annotated[
        str, typer.Option(help="Level=column, largest first: district=QU,street=JD,grid=WG_ID.")
    ],
    name_column: Annotated[str | None, typer.Option("--area-name", help="Column.")] = None,
    name_en_column: Annotated[str | None, typer.Option("--area-name-en", help="Column.")] = None,
    residents: Annotated[str | None, typer.Option(help="Column of the residents.")] = None,
    wkt: Annotated[str, typer.Option(help="Column of a CSV that holds polygons as WKT.")] = "wkt",
    places: Annotated[Path | None, typer.Option(help="Places: CSV, GeoJSON, GPKG.")] = None,
    place_columns: Annotated[
        str, typer.Option(help="Field=column of place_id,kind,name,lat,lng,area_id; kind==gate.")
    ] = "",
    datum: Annotated[Datum, typer.Option(help="Datum of the files' coordinates.")] = Datum.WGS84,
    places_datum: Annotated[Datum | None, typer.Option(help="Where the places' differs.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Else UTF-8, then GB18030.")] = None,
    name: Annotated[str, typer.Option(help="Name of the city.")] = "",
    timezone: Annotated[str, typer.Option(help="IANA name.")] = "Asia/Shanghai",
) -> None:
    """Make a pack from a customer's files, in WGS-84, and check it."""
    from cities.importing import AreaColumns, Order, PlaceColumns, import_pack  # noqa: PLC0415

    order = Order(
        areas=areas,
        area_columns=AreaColumns(_pairs(levels), name_column, name_en_column, residents, wkt),
        places=places,
        place_columns=PlaceColumns(**_place_columns(place_columns)),
        datum=datum,
        places_datum=places_datum,
        encoding=encoding,
        name=name,
        timezone=timezone,
    )
    made = import_pack(pack, order)
    console.print(f"{made.areas} smallest areas ({made.repaired} repaired), {made.places} places")
    check(str(pack.resolve()))  # by its name alone it could be one that is shipped


@convert_app.callback()
def convert() -> None:
    """Make a pack of another period from public raw files."""


@convert_app.command()
@one_line_errors
def nyc(
    trips: Annotated[list[Path], typer.Option(help="A month of TLC green-taxi trips; repeat it.")],
    cases: Annotated[Path, typer.Option(help="Cumulative cases by MODZCTA.")],
    first: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First local day.")],
    last: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day, included.")],
    out: Annotated[Path, typer.Option(help="Folder for the pack.")],
) -> None:
    """Make a New York pack of another period; say what is odd in the raw files."""
    from cities.make.nyc_convert import convert as convert_nyc  # noqa: PLC0415
    from cities.make.nyc_streams import Period  # noqa: PLC0415

    made = convert_nyc(trips, cases, Period(first.date(), last.date()), out)
    console.print(str(made.trips), markup=False)
    console.print(str(made.cases), markup=False)
    console.print(f"pack: {made.folder}", markup=False)


def _print_findings(lines: Iterable[str], most: int) -> None:
    """Print findings, at most so many of each severity, file and field."""
    shown: dict[str, int] = {}
    for line in lines:
        severity, file, rest = line.split(": ", 2)
        kind = f"{severity}: {file.split()[0]}: {rest.split(': ', 1)[0]}"
        shown[kind] = shown.get(kind, 0) + 1
        if shown[kind] <= most:
            console.print(line, style="red" if severity == "error" else "yellow", markup=False)
    for kind, count in shown.items():
        if count > most:
            console.print(f"{kind}: {count - most} more of these", markup=False)


def _pairs(text: str) -> dict[str, str]:
    """Read `a=b,c=d`; a value may begin with `=`."""
    pairs = [part.partition("=") for part in text.split(",") if part]
    for key, equals, value in pairs:
        if not (key and equals and value):
            raise SourceError(f"{key or text!r}: expected name=column, separated by commas")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _place_columns(text: str) -> dict[str, str]:
    pairs = _pairs(text)
    allowed = ("place_id", "kind", "name", "lat", "lng", "area_id")
    for field in pairs:
        if field not in allowed:
            raise SourceError(f"--place-columns {field}: expected one of {', '.join(allowed)}")
    return pairs
