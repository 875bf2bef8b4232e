"""Calendar arithmetic: when a schedule falls due. It knows nothing of jobs and reads no clock.

`parse_schedule` reads what a job file may hold; `Cron`, `Iso8601`, `Once` and `Union` are the schedules themselves.
"""

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.contract import ClockEffect, Schedule, Slot
from jobistemer_tui.schedules.cron import Cron
from jobistemer_tui.schedules.iso8601 import Iso8601
from jobistemer_tui.schedules.once import Once
from jobistemer_tui.schedules.parse import parse_schedule
from jobistemer_tui.schedules.union import Union

__all__ = ["ClockEffect", "Cron", "Iso8601", "Once", "Schedule", "ScheduleError", "Slot", "Union", "parse_schedule"]
