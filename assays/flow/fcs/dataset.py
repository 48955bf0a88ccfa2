"""One data set of a file: where it starts, where it must end, and its keywords.

A file holds a chain of data sets; ``$NEXTDATA`` of each counts the bytes from
its own start to the start of the next. Nothing of one data set leaks into
another.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assays.errors import FcsError
from assays.flow.fcs.header import LENGTH, Header, Span, read_header
from assays.flow.fcs.number import whole
from assays.flow.fcs.packed import unpacked
from assays.flow.fcs.text import Text, read_text
from plates.source import Source

MOST_DATASETS = 10_000


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set as its bytes stand, nothing mended."""

    source: Source
    index: int
    header: Header
    text: Text
    extra: Text | None
    """Supplemental TEXT, where there is one."""
    limit: int
    """Bytes from the start of this data set to the next one or to the end of the file."""
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """File name, for messages."""
        return self.source.name

    @property
    def keywords(self) -> dict[str, str]:
        """Upper-case names and values of TEXT, then of supplemental TEXT."""
        if self.extra is None:
            return self.text.keywords
        return self.extra.keywords | self.text.keywords

    def place(self, keyword: str) -> str:
        """Say where a keyword stands, for a message."""
        begin = self.header.base + self.header.text.begin
        raw = self.source.read(begin, self.header.text.length).upper()
        at = raw.find(keyword.encode("utf-8"))
        return f"{self.name}: TEXT, {keyword}, byte {begin + max(at, 0)}"


def read_keywords(place: str | Path | Source, dataset: int = 0) -> dict[str, str]:
    """Read the keywords of a data set; DATA is not touched, and may be cut off.

    Parameters
    ----------
    place : path or Source
        An FCS file, plain or gzip.
    dataset : int
        Which data set of the file, from 0.

    Returns
    -------
    dict
        Upper-case names, ``$`` included, and their values as text.

    Raises
    ------
    FcsError
        When HEADER or TEXT cannot be read, or there is no such data set.
    """
    return dict(open_dataset(unpacked(Source.of(place)), dataset).keywords)


def count_datasets(place: str | Path | Source) -> int:
    """Count the data sets of a file that can be reached.

    Raises
    ------
    FcsError
        When a HEADER or TEXT cannot be read or ``$NEXTDATA`` leads backwards.
    """
    source = unpacked(Source.of(place))
    base: int | None = 0
    count = 0
    while base is not None:
        base = _link(_open(source, count, base))[0]
        count += 1
        if count > MOST_DATASETS:
            raise FcsError(f"more than {MOST_DATASETS:,} data sets are not believable", source.name)
    return count


def read_analysis(place: str | Path | Source, dataset: int = 0) -> dict[str, str]:
    """Read the ANALYSIS segment: results that the acquisition program stored, such as gates.

    Returns
    -------
    dict
        Names and values as text; empty when the file has no such segment, or
        one that is not written as keywords.

    Raises
    ------
    FcsError
        When HEADER or TEXT cannot be read, or the segment leaves the file.
    """
    found = open_dataset(unpacked(Source.of(place)), dataset)
    span = found.header.analysis or _span(found, "$BEGINANALYSIS", "$ENDANALYSIS")
    if span is None or span.length <= 1:
        return {}
    base = found.header.base
    if base + span.end >= found.source.size:
        raise FcsError(
            f"ANALYSIS should end at byte {base + span.end}, the file at {found.source.size - 1}",
            f"{found.name}: ANALYSIS, byte {base + span.begin}",
        )
    mark = found.source.read(base + span.begin, 1)
    if mark.decode("latin-1") != found.text.delimiter:
        return {}
    return read_text(found.source, base, span, "ANALYSIS").keywords


def open_dataset(source: Source, index: int) -> DataSet:
    """Follow the chain to one data set and read its HEADER and TEXT.

    Raises
    ------
    FcsError
        When there is no such data set, or one before it cannot be read.
    """
    if index < 0:
        raise FcsError(f"data sets are counted from 0, asked for {index}", source.name)
    base: int | None = 0
    for number in range(index + 1):
        if base is None:
            holds = "1 data set" if number == 1 else f"{number} data sets"
            raise FcsError(f"the file holds {holds}, asked for number {index} from 0", source.name)
        found = _open(source, number, base)
        base, note = _link(found)
    end = source.size if base is None else base
    return DataSet(
        source,
        index,
        found.header,
        found.text,
        found.extra,
        end - found.header.base,
        found.notes + ((note,) if note else ()),
    )


def _open(source: Source, index: int, base: int) -> DataSet:
    header = read_header(source, base)
    text = read_text(source, base, _text_span(header))
    bare = DataSet(source, index, header, text, None, source.size - base)
    extra, note = _supplement(bare)
    return DataSet(source, index, header, text, extra, source.size - base, note)


def _text_span(header: Header) -> Span:
    """TEXT, without a last byte that HEADER also gives to DATA."""
    text, data = header.text, header.data
    if data is not None and data.begin == text.end > text.begin:
        return Span(text.begin, text.end - 1)
    return text


def _supplement(found: DataSet) -> tuple[Text | None, tuple[str, ...]]:
    """Supplemental TEXT, unless its offsets name nothing or the primary TEXT again."""
    span = _span(found, "$BEGINSTEXT", "$ENDSTEXT")
    primary = found.header.text
    if span is None or span.begin == primary.begin:
        return None, ()
    base = found.header.base
    if not _is_supplement(found, span):
        return None, (
            f"$BEGINSTEXT and $ENDSTEXT name bytes {span}, where there is no supplemental TEXT; "
            "left out.",
        )
    return read_text(found.source, base, span, "supplemental TEXT"), ()


def _is_supplement(found: DataSet, span: Span) -> bool:
    """Whether a span lies apart from TEXT, in the file, between the delimiters of TEXT."""
    base, primary = found.header.base, found.header.text
    apart = span.begin > primary.end or span.end < primary.begin
    if not apart or span.begin < LENGTH or base + span.end >= found.source.size:
        return False
    mark = found.text.delimiter.encode("latin-1")
    tail = found.source.read(base + max(span.begin, span.end - 63), min(64, span.length))
    return found.source.read(base + span.begin, 1) == mark and tail.rstrip(b" \0").endswith(mark)


def _span(found: DataSet, begin: str, end: str) -> Span | None:
    first, last = (whole(found.text.keywords.get(key, "")) for key in (begin, end))
    if not first or not last or last < first or first < 0:
        return None
    return Span(first, last)


def _link(found: DataSet) -> tuple[int | None, str]:
    """Where the next data set starts, None at the end of the chain; and what to tell."""
    written = found.text.keywords.get("$NEXTDATA", "0").strip()
    step = whole(written or "0")
    base, size = found.header.base, found.source.size
    if step is None or step < 0 or 0 < step <= found.header.text.begin:
        raise FcsError(
            f"$NEXTDATA is {written[:20]!r}: expected 0, or the distance to a data set further on",
            found.place("$NEXTDATA"),
        )
    if step == 0:
        return None, ""
    # The standard counts from this data set; some count from the start of the file.
    for start in (base + step, step):
        if base < start and start + LENGTH <= size and found.source.read(start, 3) == b"FCS":
            return start, ""
    return None, f"$NEXTDATA is {step}, but no data set starts there; taken as the last one."
