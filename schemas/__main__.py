"""Write what is generated from the schemas: `python -m schemas`."""

from __future__ import annotations

from schemas.describe import ROOT, files


def main() -> None:
    """Write every generated file and name it."""
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
