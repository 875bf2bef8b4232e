"""Calendar arithmetic: when a schedule falls due. It knows nothing of jobs and reads no clock.

`parse_schedule` reads what a job file may hold; `Cron`, `Iso8601`, `Once`, `Reboot` and `Union` are the schedules
themselves, `Excluding` and `Jittered` stand around another one.
"""

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.contract import ClockEffect, Follow, Hint, Schedule, Slot
from jobistemer_tui.schedules.cron import Cron
from jobistemer_tui.schedules.excluding import Excluding
from jobistemer_tui.schedules.iso8601 import Iso8601
from jobistemer_tui.schedules.jittered import Jittered
from jobistemer_tui.schedules.once import Once
from jobistemer_tui.schedules.parse import parse_schedule
from jobistemer_tui.schedules.reboot import Reboot
from jobistemer_tui.schedules.union import Union

__all__ = [
    "ClockEffect", "Cron", "Excluding", "Follow", "Hint", "Iso8601", "Jittered", "Once", "Reboot", "Schedule",
    "ScheduleError", "Slot", "Union", "parse_schedule",
]  # fmt: skip
