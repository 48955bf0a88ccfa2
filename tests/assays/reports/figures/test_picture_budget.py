"""A report stays small, and says what it left out."""

from __future__ import annotations

from assays.reports.figures.budget import ALLOWANCE, draw_within
from assays.reports.figures.picture import Picture


def drawer(name: str, section: str, size: int):
    return (section, lambda: Picture(name, section, "", "Caption.", "Words.", 1, 1, b"x" * size))


def test_everything_is_drawn_while_it_fits() -> None:
    work = [drawer(f"g{rank}", "gates", 1000) for rank in range(5)]
    pictures = draw_within(work)
    assert [picture.name for picture in pictures] == ["g0", "g1", "g2", "g3", "g4"]
    assert {picture.caption for picture in pictures} == {"Caption."}


def test_what_does_not_fit_is_counted_in_the_last_caption() -> None:
    third = ALLOWANCE["gates"] // 3
    work = [drawer(f"g{rank}", "gates", third) for rank in range(5)]
    work.append(drawer("small", "gates", 1))
    work.append(drawer("dose", "dose", 10))
    pictures = draw_within(work)
    assert [picture.name for picture in pictures] == ["g0", "g1", "g2", "dose"]
    assert "3 more pictures of this kind are left out" in pictures[2].caption
    assert pictures[0].caption == pictures[3].caption == "Caption."
    assert sum(len(p.data) for p in pictures if p.section == "gates") <= ALLOWANCE["gates"]


def test_a_section_keeps_its_first_picture_and_two_journeys_share_the_room() -> None:
    half = ALLOWANCE["dose"] // 2
    work = [drawer("a", "dose", half), drawer("b", "dose", half)]
    assert len(draw_within(work)) == 2
    (kept,) = draw_within(work, share=0.5)
    assert "1 more picture of this kind is left out" in kept.caption


def test_progress_counts_what_was_left_out_too() -> None:
    heard = []
    work = [drawer(f"g{rank}", "gates", ALLOWANCE["gates"]) for rank in range(3)]
    draw_within(work, lambda done, total, what: heard.append((done, total)))
    assert heard == [(1, 3), (2, 3), (3, 3)]


def test_both_journeys_fit_a_report_of_15_mb_once_embedded() -> None:
    elisa = sum(ALLOWANCE[section] for section in ("plate", "curve", "samples"))
    flow = sum(ALLOWANCE.values()) - elisa
    assert max(elisa, flow) * 4 / 3 < 14e6
