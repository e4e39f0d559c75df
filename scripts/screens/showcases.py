"""Walks over the dual-showcase: a street compares, a project writes, residents read."""

from __future__ import annotations

import re

from scripts.screens.clerk import STREET
from scripts.screens.tour import LAST, Tour


def showcases(tour: Tour) -> None:
    page = tour.person("jiedao")
    tour.pages(
        page,
        {
            "showcases": "/showcases",
            "showcases-late": "/showcases/late",
            "showcase-plan": f"/showcases/plans/{STREET}",
        },
    )
    page = tour.person("jingli")
    page.goto("/showcases")
    page.locator("main table a[href*='/showcase/']").last.click()
    page.wait_for_url("**/showcase/*")
    here = page.url
    page.locator("main details summary").first.click()
    tour.picture(page, "showcase-corrected")
    token = page.locator("input[name=csrf]").first.input_value()
    for what, name in (("poster", "showcase-poster"), ("code", "showcase-code")):
        answer = page.request.post(f"{here}/print", form={"csrf": token, "what": what})
        tour.sheet(answer.body(), name)
    page.goto(f"{here}/entry")
    tour.picture(page, "showcase-correction")
    page.goto(here.replace(LAST, "2026-11") + "/entry")
    tour.picture(page, "showcase-entry")
    code = re.sub(r".*/compounds/([^/]+)/.*", r"\1", here)
    page = tour.person()
    tour.pages(page, {"residents": f"/s/{code}", "residents-before": f"/s/{code}/2026-09"})
