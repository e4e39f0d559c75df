"""What names files in the archive: looked for before one is cleared away, and by `verify`."""

from govgrid.grid.models import BoardPrint
from govgrid.meetings.models import Attachment, Minutes, MinutesPrint, ReportPhoto
from govgrid.oldcompounds.models import Scan
from govgrid.reports.models import ReportJob
from govgrid.showcase.models import ShowcasePhoto

PICTURES = (
    ShowcasePhoto.digest,
    ShowcasePhoto.small,
    ReportPhoto.sha256,
    Attachment.sha256,
    Scan.sha256,
)
"""Columns of what people may have sent as a picture."""

FILES = {
    "会议纪要": Minutes.paper,
    "附件": Attachment.sha256,
    "督办照片": ReportPhoto.sha256,
    "双晒照片": ShowcasePhoto.digest,
    "双晒照片小图": ShowcasePhoto.small,
    "协议扫描件": Scan.sha256,
    "纪要合订本": MinutesPrint.paper,
    "公示牌合订本": BoardPrint.paper,
    "月报": ReportJob.paper,
    "月报工作簿": ReportJob.book,
}
"""By what a file is called."""
