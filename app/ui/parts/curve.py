"""A memory's strength over time as an SVG path."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.services.views import CurvePoint


@dataclass(frozen=True, slots=True)
class Marks:
    """The words under a curve, and where `now` lies on it, if it does."""

    first: str
    last: str
    now: float | None


def curve_marks(points: Sequence[CurvePoint], now: datetime, width: int) -> Marks | None:
    """What stands under the curve."""
    if not points:
        return None
    first, last = points[0].at, points[-1].at
    share = (now - first) / (last - first) if last > first else 0.0
    return Marks(_day(first, now), _day(last, now), round(share * width, 1) if 0 <= share <= 1 else None)


def _day(moment: datetime, now: datetime) -> str:
    local = moment.astimezone()
    text = f"{local.day} {local:%B}"
    return text if local.year == now.astimezone().year else f"{text} {local.year}"


def curve_path(points: Sequence[CurvePoint], width: int, height: int) -> str:
    """The path of the curve in a box of that size: time to the right, all of it kept at the top."""
    if not points:
        return ""
    first, last = points[0].at, points[-1].at
    span = (last - first).total_seconds() or 1.0
    steps = [
        ((point.at - first).total_seconds() / span * width, (1 - point.retention) * height)
        for point in points
    ]
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in steps)
