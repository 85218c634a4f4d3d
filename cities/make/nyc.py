"""Make areas, zones and places of the New York pack: `python -m cities.make.nyc RAW [FOLDER]`.

RAW holds the public files as cities/nyc/README.md lists them. Streams are made by
`hexline city convert nyc`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cities.make.nyc_areas import area_rows, place_lines, read_modzctas, read_zones, zone_features
from cities.write import write_areas, write_features, write_places

HERE = Path(__file__).resolve().parent.parent / "nyc"


def main(raw: Path, folder: Path = HERE) -> None:
    """Write areas.geojson, zones.geojson and places.csv of the pack."""
    areas = read_modzctas(
        raw / "boundaries" / "MODZCTA_2010_WGS1984.geo.json.gz",
        raw / "population" / "data-by-modzcta_2020-08-31.csv",
    )
    zones = read_zones(raw / "boundaries" / "taxi_zones.geojson.gz")
    folder.mkdir(parents=True, exist_ok=True)
    write_areas(folder, area_rows(areas))
    write_features(folder / "zones.geojson", zone_features(zones))
    write_places(folder, place_lines(zones, areas))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
