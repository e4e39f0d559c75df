"""Walks without an account, and of those who mostly look."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from scripts.screens.tour import Tour


def nobody(tour: Tour) -> None:
    page = tour.person()
    tour.pages(
        page,
        {
            "sign-in": "/sign-in",
            "link-unknown": "/r/unknown",
            "check-unknown": "/v/unknown",
        },
    )


def others(tour: Tour) -> None:
    for login in ("wangge", "weiwang", "jingcha", "jingli"):
        page = tour.person(login)
        tour.pages(page, {f"home-{login}": "/", f"grid-{login}": "/grid"})
        if login == "wangge":
            page.goto("/")
            link = str(page.locator("main a[href^='/r/']").first.get_attribute("href"))
            tour.pages(tour.person(), {"reply-tasks": f"{link}/actions"})
        if login == "jingcha":
            tour.pages(page, {"accounts-refused": "/accounts", "journal-refused": "/journal"})


def empty(tour: Tour) -> None:
    """Keep lists where there is nothing yet, and the page of a fault."""
    page = tour.person("weiwang")
    tour.pages(
        page,
        {
            "tasks-none": "/actions",
            "archive-empty": "/archive",
            "cases-none": "/cases?month=2026-01",
        },
    )
    page = tour.person("shuji")
    tour.pages(
        page,
        {
            "months-none": "/months/2027-08",
            "cases-month-none": "/cases?month=2026-01",
            "print-none": "/print/2026-01",
            "replies-none": "/replies?show=done",
        },
    )
    page = tour.person("jiedao")
    tour.pages(page, {"exchange-none": "/exchange", "rates-none": "/rates?month=2026-01"})


def refused(tour: Tour) -> None:
    """Keep what a form without its token gets, and at last a fault: a table is missing."""
    page = tour.person("shuji")
    page.goto("/grid")
    page.evaluate(
        """() => {
          const form = document.createElement("form");
          form.method = "post"; form.action = "/sign-out";
          document.body.append(form); form.submit();
        }"""
    )
    page.wait_for_url("**/sign-out")
    tour.picture(page, "form-refused")
    before = len(tour.faults)
    with closing(sqlite3.connect(tour.mail.parent.parent / "govgrid.db")) as db, db:
        db.execute("PRAGMA legacy_alter_table = ON")
        db.execute("ALTER TABLE areas RENAME TO areas_lost")
    tour.pages(tour.person(), {"fault-broken": "/q/510107"})
    del tour.faults[before:]
