"""A proposal of another time, as a grid leader's calendar would mail it."""

from __future__ import annotations

import os
import subprocess
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart

from icalendar import Calendar

from scripts.screens.tour import Tour
from scripts.steps import ROOT


def propose(tour: Tour, address: str) -> None:
    """Let the holder of the address ask for the same hour a day later; the demo takes the mail."""
    event = _invitation(tour, address).walk("VEVENT")[0]
    start, end = event.decoded("DTSTART"), event.decoded("DTEND")
    del event["DTSTART"], event["DTEND"]
    event.add("DTSTART", start + timedelta(days=1))
    event.add("DTEND", end + timedelta(days=1))
    event.add("COMMENT", "当天街道有会，能否改到次日？")
    asked = Calendar()
    for name, value in (("VERSION", "2.0"), ("PRODID", "-//client//CN"), ("METHOD", "COUNTER")):
        asked.add(name, value)
    asked.add_component(event)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = address, str(event["ORGANIZER"])[7:], "新时间提议"
    mail["Date"], mail["Message-ID"] = "Tue, 24 Nov 2026 09:00:00 +0800", "<1@client.example>"
    mail.set_content("能否改到次日？")
    mail.add_alternative(asked.to_ical().decode(), subtype="calendar", params={"method": "COUNTER"})
    folder = tour.mail.parent.parent
    where = {**os.environ, "GOVGRID_DATABASE_URL": f"sqlite:///{folder}/govgrid.db"}
    command = [str(ROOT / ".venv/bin/govgrid"), "replies", "-"]
    subprocess.run(command, input=bytes(mail), cwd=folder, env=where, check=True)


def _invitation(tour: Tour, address: str) -> Calendar:
    for path in tour.mail.glob("*.eml"):
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        part = next((p for p in letter.walk() if p.get_content_type() == "text/calendar"), None)
        if part is not None and address in str(letter["To"]):
            assert isinstance(part, MIMEPart)
            return Calendar.from_ical(part.get_content())
    raise LookupError(address)
