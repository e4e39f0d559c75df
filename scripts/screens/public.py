"""Walks without an account, and of those who mostly look."""

from __future__ import annotations

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
