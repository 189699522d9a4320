"""The picture of tests/benchmarks/runtime_browser.py: seconds until the first word, turn by turn."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.benchmarks.forgetting_plot import INK, LINE, PAPER, SOFT, WITH, WITHOUT, text

WIDTH, HEIGHT = 860, 380
LEFT, RIGHT, TOP, BOTTOM = 60, 830, 64, 320
STEPS: Final = (0.5, 1, 2, 5, 10, 20, 50)
MOST_LINES: Final = 8
WAYS: Final = (
    ("top", WITHOUT, "memories in the system prompt"),
    ("newest", WITH, "memories with the newest message"),
)


def drawing(result: Mapping[str, Any]) -> str:
    """An SVG of the figures."""
    body = "\n".join([*_frame(result), *_curves(result)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="{INK}" role="img" '
        f'aria-label="Seconds until the first word of a reply, turn by turn">\n{body}\n</svg>\n'
    )


def _frame(result: Mapping[str, Any]) -> Iterator[str]:
    most = _most(result)
    step = next((one for one in STEPS if most / one <= MOST_LINES), STEPS[-1])
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
    yield text(LEFT, 32, "Seconds until the first word", "start", weight=600)
    for place in range(int(most // step) + 1):
        y = _y(place * step, most)
        yield f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{LINE}"/>'
        yield text(LEFT - 8, y + 4, f"{place * step:g}", "end", SOFT)
    turns = len(result["newest"])
    for turn in [1, *range(5, turns + 1, 5)]:
        yield text(_x(turn, turns), BOTTOM + 20, str(turn), "middle", SOFT)
    yield text((LEFT + RIGHT) / 2, BOTTOM + 42, "turn of the conversation", "middle", SOFT)


def _curves(result: Mapping[str, Any]) -> Iterator[str]:
    most = _most(result)
    for place, (name, colour, words) in enumerate(WAYS):
        figures: Sequence[float] = result[name]
        points = " ".join(
            f"{_x(turn, len(figures)):.1f},{_y(figure, most):.1f}" for turn, figure in enumerate(figures, 1)
        )
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
        last = f"{words}: {figures[-1]:.1f} s at turn {len(figures)}"
        yield text(RIGHT, 32 + 20 * place, last, "end", colour)


def _most(result: Mapping[str, Any]) -> float:
    return float(max(*result["newest"], *result["top"])) * 1.05


def _x(turn: int, turns: int) -> float:
    return LEFT + (turn - 1) / max(turns - 1, 1) * (RIGHT - LEFT)


def _y(seconds: float, most: float) -> float:
    return BOTTOM - seconds / most * (BOTTOM - TOP)
