"""Verify names what was touched in the archive and in signed records."""

from sqlalchemy import select, text

from govgrid import archive
from govgrid.meetings.models import Minutes
from govgrid.upkeep.verify import verify
from tests.journeys.conftest import Site


def paper(site: Site) -> str:
    with site.database.reading() as db:
        return db.scalar(select(Minutes.paper)) or ""


def test_papers_and_records(signed: Site) -> None:
    assert list(verify(signed.database)) == []
    path = archive.place(signed.settings.archive, paper(signed))
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    (fault,) = verify(signed.database)
    assert "损坏" in fault
    assert path.name in fault
    path.unlink()
    (fault,) = verify(signed.database)
    assert "缺失" in fault
    assert path.name in fault
    with signed.database.writing() as db:
        db.execute(text('UPDATE minutes SET paper = NULL, record = \'{"title": "x"}\''))
    (fault,) = verify(signed.database)
    assert "签发记录" in fault
