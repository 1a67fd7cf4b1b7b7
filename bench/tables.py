"""One way to print what a bench has found: a table for people, `--json` for programs."""

import json
from collections.abc import Mapping, Sequence


def show(title: str, rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    """Columns in the order of the first row's keys; numbers to the right."""
    if as_json:
        print(json.dumps({"title": title, "rows": list(rows)}, ensure_ascii=False, default=str))
        return
    print(f"\n{title}")
    if not rows:
        print("(nothing)")
        return
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(column), *(len(line[at]) for line in cells)) for at, column in enumerate(columns)]
    print("  ".join(column.ljust(width) for column, width in zip(columns, widths, strict=True)))
    print("  ".join("-" * width for width in widths))
    for row, line in zip(rows, cells, strict=True):
        placed = [
            text.rjust(width) if isinstance(row.get(column), int | float) else text.ljust(width)
            for column, text, width in zip(columns, line, widths, strict=True)
        ]
        print("  ".join(placed).rstrip())


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0..1) of them lie; nan for none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
