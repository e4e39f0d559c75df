"""The official form on documents made from seeds; `python -m benchmarks paper` takes any seed."""

from dataclasses import replace

from govgrid.meetings.papers.document import Annex
from govgrid.meetings.papers.minutes import print_many, print_minutes
from govgrid.press.press import Press

from .build import example_minutes
from .judge import judged
from .measure import measure
from .seeded import seeded, twenty_pages

SEEDS = (1, 3, 20)


def test_documents_of_seeds_keep_every_measure(press: Press) -> None:
    documents = [seeded(seed) for seed in SEEDS]
    printed = print_many(press, documents)
    for pdf, document in zip(printed, documents, strict=True):
        assert isinstance(pdf, bytes)
        assert judged(pdf, document).faults == []


def test_twenty_pages_without_a_kinsoku_fault(press: Press) -> None:
    document = twenty_pages(7)
    pdf = print_minutes(press, document)
    verdict = judged(pdf, document)
    assert verdict.faults == []
    assert verdict.off["right edge of a full line"] < 0.3
    assert len(measure(pdf)) >= 20


def test_the_imprint_takes_text_along_to_a_page_of_its_own(press: Press) -> None:
    """17 lines of an attachment, or a body whose proof ends the page, leave it no room."""
    bare = replace(example_minutes(), agenda=(), actions=(), rates=None, showcase=None)
    documents = [
        replace(bare, annexes=(Annex("方案", ("字" * 28 * 17,)),)),
        replace(bare, opening=("字" * 20,) * 13),
    ]
    for pdf, document, last in zip(
        print_many(press, documents), documents, ("字", "审签"), strict=True
    ):
        assert isinstance(pdf, bytes)
        assert judged(pdf, document).faults == []
        assert measure(pdf)[-1].rows()[0].text.startswith(last)


def test_a_paper_that_says_something_else_is_told(press: Press) -> None:
    pdf = print_minutes(press, seeded(2))
    assert judged(pdf, seeded(2, length=300)).faults
