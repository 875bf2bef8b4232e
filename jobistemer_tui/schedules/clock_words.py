"""What a change of the clock does, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from jobistemer_tui.schedules.local_time import instants_of
from jobistemer_tui.schedules.phrases import listed

_MOST_SHOWN = 3


def why_left_out(walls: Sequence[datetime], zone: tzinfo) -> str:
    """Why some wall times of one clock change do not run."""
    first, one = walls[0], len(walls) == 1
    day = f"on {first:%Y-%m-%d} in {zone}"
    if instants_of(zone, first):
        return f"{wall_times(walls)} {'comes' if one else 'come'} twice {day}, and the first counts"
    return f"{wall_times(walls)} {'does' if one else 'do'} not exist {day}"


def wall_times(walls: Sequence[datetime]) -> str:
    """ "02:00, 02:20 and 02:40"; of many only the first and the number of the others."""
    shown = [f"{wall:%H:%M}" + (f":{wall:%S}" if wall.second else "") for wall in walls[:_MOST_SHOWN]]
    more = len(walls) - len(shown)
    return f"{', '.join(shown)} and {more} more" if more else listed(shown)
