"""Walks along the way of an old compound, from survey to handover, and package takeovers."""

from __future__ import annotations

import re

from scripts.screens.clerk import DISTRICT, STREET
from scripts.screens.tour import Tour


def pipelines(tour: Tour) -> None:
    page = tour.person("jiedao")
    tour.pages(
        page,
        {
            "coverage-street": f"/coverage/{STREET}",
            "pipelines": f"/pipelines?area={STREET}",
            "pipeline-candidates": f"/pipelines?area={STREET}&show=candidates",
            "pipeline-rules": f"/pipelines/rules/{STREET}",
            "service-costs": f"/service-costs/{STREET}",
        },
    )
    for stage in ("opinion", "plan", "agreement"):
        page.goto(f"/pipelines?area={STREET}&stage={stage}")
        page.locator("main table a[href$='/pipeline']").first.click()
        page.wait_for_url("**/pipeline")
        tour.picture(page, f"pipeline-{stage}")
    compound = page.url.removesuffix("/pipeline")
    tour.pages(page, {"services": f"{compound}/services"})
    tour.paper(page, f"{compound}/services/plan.pdf", "services-paper")
    page.goto(f"/pipelines?area={STREET}&show=candidates")
    page.locator("main table a[href$='/pipeline']").first.click()
    page.wait_for_url("**/pipeline")
    tour.picture(page, "pipeline-start")
    tour.pages(page, {"services-first": page.url.replace("/pipeline", "/services")})


def packages(tour: Tour) -> None:
    page = tour.person("zhujian")
    tour.pages(page, {"coverage-board-district": f"/coverage/{DISTRICT}/board"})
    page = tour.person("jiedao")
    tour.pages(page, {"packages": f"/packages?area={STREET}"})
    page.locator("main table a[href^='/packages/']").last.click()
    page.wait_for_url(re.compile(r"/packages/\d+$"))
    page.locator("article, [id^=package-]").first.wait_for(timeout=120_000)
    tour.picture(page, "package")
