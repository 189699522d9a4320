"""The picture of tests/benchmarks/forgetting.py: memories in recall by day, recall by kind of question."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 860, 380
LEFT, RIGHT, TOP, BOTTOM = 60, 520, 64, 320
BARS_LEFT, BARS_RIGHT = 610, 840
PAPER, INK, SOFT, LINE = "#FAF8F5", "#24211D", "#6B645B", "#E4DED5"
WITHOUT, WITH = "#8A8177", "#4A6B4E"
BAR = 26
MONTH = 365 / 12
STEP = 500


def drawing(result: Mapping[str, Any]) -> str:
    """An SVG of the figures."""
    body = "\n".join([*_frame(), *_curves(result["by_day"]), *_bars(result["recall@10"])])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="{INK}" role="img" '
        f'aria-label="With forgetting the number of memories in recall levels off">\n{body}\n</svg>\n'
    )


def _frame() -> Iterator[str]:
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
    yield text(LEFT, 32, "Memories in recall", "start", weight=600)
    yield text(BARS_LEFT, 32, "Recall of the first ten", "start", weight=600)


def _curves(by_day: Mapping[str, Sequence[int]]) -> Iterator[str]:
    days, most = len(by_day["off"]), max(by_day["off"])
    top = (most // STEP + 1) * STEP

    def at(day: float, count: float) -> tuple[float, float]:
        return LEFT + day / (days - 1) * (RIGHT - LEFT), BOTTOM - count / top * (BOTTOM - TOP)

    for count in range(0, top + 1, STEP):
        _, y = at(0, count)
        yield f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{LINE}"/>'
        yield text(LEFT - 8, y + 4, f"{count:,}", "end", SOFT)
    step = 2 if days < 400 else 4
    for month in range(0, round(days / MONTH) + 1, step):
        x, _ = at(min(month * MONTH, days - 1), 0)
        yield text(x, BOTTOM + 20, str(month), "middle", SOFT)
    yield text((LEFT + RIGHT) / 2, BOTTOM + 42, "months", "middle", SOFT)
    for name, colour, words in (("off", WITHOUT, "without forgetting"), ("on", WITH, "with forgetting")):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*pair) for pair in enumerate(by_day[name])))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
        x, y = at(days - 1, by_day[name][-1])
        above = name == "off"
        yield text(x, y + (-10 if above else 52), f"{words}: {by_day[name][-1]:,}", "end", colour)


def _bars(recall: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    kinds = [(kind, line) for kind, line in recall.items() if line["questions"]]
    room = (BARS_RIGHT - BARS_LEFT) / max(len(kinds), 1)
    yield f'<line x1="{BARS_LEFT}" x2="{BARS_RIGHT}" y1="{BOTTOM}" y2="{BOTTOM}" stroke="{LINE}"/>'
    for place, (kind, line) in enumerate(kinds):
        middle = BARS_LEFT + (place + 0.5) * room
        for side, (name, colour) in enumerate((("off", WITHOUT), ("on", WITH))):
            height = line[name] * (BOTTOM - TOP)
            x = middle + (side - 1) * (BAR + 2) + 1
            yield (
                f'<rect x="{x:.1f}" y="{BOTTOM - height:.1f}" width="{BAR}" height="{height:.1f}" '
                f'fill="{colour}" rx="2"/>'
            )
            value = f"{line[name]:.2f}".lstrip("0")
            yield text(x + BAR / 2, BOTTOM - height - 6, value, "middle", colour)
        yield text(middle, BOTTOM + 20, kind, "middle", SOFT)
        yield text(middle, BOTTOM + 38, f"{line['questions']} asked", "middle", SOFT)


def text(x: float, y: float, words: str, anchor: str, colour: str = INK, *, weight: int = 400) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">'
        f"{words}</text>"
    )
