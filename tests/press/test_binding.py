from io import BytesIO

import pikepdf

from govgrid.press.binding import AT_A_TIME, gathered, put_before, saved

WIDTHS = [1, [333, 500], 17, [1000], 30, [1000, 1000, 612], 41, [1000, 1000]]


def part(pages: int) -> bytes:
    """Return a PDF whose pages name a structure tree and a font with widths."""
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Font, W=WIDTHS))
        for number in range(pages):
            leaf = pdf.add_blank_page(page_size=(200 + pages, 300))
            leaf.obj.StructParents = number
            leaf.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        stream = BytesIO()
        pdf.save(stream)
        return stream.getvalue()


def test_more_parts_than_are_read_at_a_time_stand_in_order() -> None:
    sizes = [number % 3 + 1 for number in range(2 * AT_A_TIME + 3)]
    with gathered(map(part, sizes), odd=True) as (target, starts):
        assert put_before(target, part(3)) == 4
        data = saved(target)
    with pikepdf.open(BytesIO(data)) as pdf:
        assert all(start % 2 == 0 for start in starts)
        assert [float(pdf.pages[4 + start].mediabox[2]) - 200 for start in starts] == sizes
        assert len(pdf.pages) == 4 + sum(size + size % 2 for size in sizes)
        assert not any("/StructParents" in leaf for leaf in pdf.pages)


def test_only_widths_that_are_not_the_default_are_kept() -> None:
    with gathered([part(1)]) as (target, _starts):
        font = target.pages[0].obj.Resources.Font.F
        assert font.W.unparse() == b"[ 1 [ 333 500 ] 30 [ 1000 1000 612 ] ]"
