"""The clock on the wall: every time is shown and written as Asia/Shanghai."""

from zoneinfo import ZoneInfo

HERE = ZoneInfo("Asia/Shanghai")
