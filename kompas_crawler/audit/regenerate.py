"""`python -m kompas_crawler.audit.regenerate`: regenerate what is derived from `items.Article`.

It writes the schema and the data dictionary, and adds new fields to the records that the saved
pages are expected to give.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from kompas_crawler.archive.schema import data_dictionary, record_schema
from kompas_crawler.audit.fixtures import update_fixtures


def write_schema(home: Path) -> None:
    """Regenerate the schema and the data dictionary of a checkout."""
    schema = json.dumps(record_schema(), ensure_ascii=False, indent=2) + "\n"
    (home / "kompas_crawler" / "archive" / "record.schema.json").write_text(
        schema, encoding="utf-8"
    )
    (home / "docs" / "record.md").write_text(data_dictionary(), encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Regenerate everything; return 1 if pages give other values than the fixtures expect."""
    parser = argparse.ArgumentParser(
        prog="python -m kompas_crawler.audit.regenerate",
        description="Regenerate record.schema.json and docs/record.md, and add new fields to the"
        " records that tests/pages expects. Every change is shown.",
    )
    parser.add_argument(
        "--accept", action="store_true", help="also save the other values that pages give now"
    )
    options = parser.parse_args(argv)
    home = Path(__file__).parents[2]
    write_schema(home)
    left = 0
    for diff, is_saved in update_fixtures(home / "tests" / "pages", accept=options.accept):
        sys.stdout.write(diff)
        left += not is_saved
    if left:
        sys.stdout.write(f"{left} pages give other values than expected: --accept saves them\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
