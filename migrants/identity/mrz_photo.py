"""Reading the machine-readable zone from a photo.

Text lines are found by a small neural detector that ships its models in its wheel; the two strips of the zone are cut out
straight and read several times, stretched differently. A value is given back only when two readings of a strip agree sign by
sign, every check digit fits and the country codes exist: check digits do not cover names, nationality and sex, so a single
reading must never be believed. The person still compares the lines with the passport.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from PIL import Image

from migrants.identity.mrz import LENGTH
from migrants.identity.mrz_strip import names_line, numbers_line, plain, together
from migrants.identity.page_parts import ZoneFrame, is_page
from migrants.identity.reader import Reading

LONGEST_EDGE = 1600
STRIP_HEIGHT = 56
MIN_CONFIDENCE = 0.8
STRETCHES = (0.85, 1.2)
# Measured: hard edges make the reader skip signs; a little softness helps it.
SOFTENED = 1.2
# Signs at which the strip is cut: several ways, so that no sign stands at an edge in all of them.
PIECES = ((0, 11, 22, 33, 44), (0, 7, 16, 25, 34, 44), (0, 9, 19, 28, 36, 44))
# A zone's line is this many times longer than high, at least: 44 characters, each about 0.6 of the height.
MIN_LENGTH = 14


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr_onnxruntime import RapidOCR

    return RapidOCR(use_cls=False)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of text: its corners, middle across the page, length and height in pixels."""

    corners: Any
    middle: float
    length: float
    height: float


class OcrPhotoReader:
    """One model per process, loaded at the first photo."""

    def read(self, image: bytes) -> Reading:
        page = _page(image)
        best = 0.0
        for turned in (page, np.rot90(page)):
            texts = _texts(np.ascontiguousarray(turned))
            for upper, lower, frame in _pairs(turned, _rows(texts)):
                lines, confidence = _read_pair(upper, lower)
                if lines is not None and confidence >= MIN_CONFIDENCE:
                    return Reading(lines, confidence, is_page(turned, texts, frame))
                best = max(best, confidence)
        return Reading(None, best)


def _page(image: bytes) -> Any:
    """The photo at working size, grey levels spread: low light costs most of what a reader misses."""
    with Image.open(io.BytesIO(image)) as opened:
        grey = np.asarray(opened.convert("L"))
    scale = LONGEST_EDGE / max(grey.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method)
    low, high = np.percentile(grey, (1, 99))
    if high - low > 8:
        grey = np.clip((grey.astype(np.float32) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)


def _texts(page: Any) -> Sequence[Any]:
    """Boxes of four corners around everything that is text."""
    boxes, _time = _engine().text_det(page)
    return () if boxes is None else boxes


def _rows(texts: Sequence[Any]) -> list[Row]:
    """Lines long enough for a zone, from top to bottom."""
    wide = [b for b in texts if np.linalg.norm(b[1] - b[0]) > 2 * np.linalg.norm(b[3] - b[0])]
    if not wide:
        return []
    longest = max(wide, key=lambda b: float(np.linalg.norm(b[1] - b[0])))
    angle = float(np.arctan2(*(longest[1] - longest[0])[::-1]))
    along, across = _axes(angle)
    parts = sorted(((float(np.mean(b @ across)), b) for b in wide), key=lambda part: part[0])
    groups: list[list[tuple[float, Any]]] = []
    for middle, box in parts:
        height = float(np.linalg.norm(box[3] - box[0]))
        if groups and abs(groups[-1][-1][0] - middle) < height * 0.5:
            groups[-1].append((middle, box))
        else:
            groups.append([(middle, box)])
    rows = [_row(group, along, across) for group in groups]
    return [r for r in rows if r.length > MIN_LENGTH * r.height]


def _axes(angle: float) -> tuple[Any, Any]:
    return np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])


def _row(group: list[tuple[float, Any]], along: Any, across: Any) -> Row:
    points = np.concatenate([box for _middle, box in group])
    u, v = points @ along, points @ across
    height = float(np.median([np.linalg.norm(box[3] - box[0]) for _middle, box in group]))
    pad = height * 0.25
    left, right, top, bottom = u.min() - pad, u.max() + pad, v.min() - pad, v.max() + pad
    corners = np.array([left * along + top * across, right * along + top * across, left * along + bottom * across])
    return Row(corners.astype(np.float32), float(np.mean(v)), float(np.ptp(u)), height)


def _pairs(page: Any, rows: Sequence[Row]) -> Iterator[tuple[Any, Any, ZoneFrame]]:
    """Neighbouring strips that may be a zone, the lowest on the page first; then the same upside down.

    With each pair, where its upper line lies.
    """
    strips = [(_strip(page, row), row) for row in rows]
    pairs = list(pairwise(strips))[::-1][:4]
    for (upper, row), (lower, _row) in pairs:
        yield upper, lower, ZoneFrame.of(row.corners, upside_down=False)
    for (upper, _row), (lower, row) in pairs[::-1] if len(pairs) < 3 else list(pairwise(strips))[:4]:
        frame = ZoneFrame.of(row.corners, upside_down=True)
        yield cv2.rotate(lower, cv2.ROTATE_180), cv2.rotate(upper, cv2.ROTATE_180), frame


def _strip(page: Any, row: Row) -> Any:
    """The line cut out and laid straight."""
    height = float(np.linalg.norm(row.corners[2] - row.corners[0]))
    width = float(np.linalg.norm(row.corners[1] - row.corners[0]))
    size = (max(1, round(width * STRIP_HEIGHT / height)), STRIP_HEIGHT)
    target = np.array([[0, 0], [size[0], 0], [0, size[1]]], dtype=np.float32)
    return cv2.warpAffine(
        page, cv2.getAffineTransform(row.corners, target), size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def _read_pair(upper: Any, lower: Any) -> tuple[tuple[str, str] | None, float]:
    """Both lines when two readings of each agree and everything checkable fits."""
    numbers, sure = _agreed(lower, numbers_line)
    if numbers is None:
        return None, 0.0
    names, also = _agreed(upper, names_line)
    if names is None or not together(names, numbers):
        return None, min(sure, also)
    return (names, numbers), min(sure, also)


def _agreed(strip: Any, grammar: Callable[[str], str | None]) -> tuple[str | None, float]:
    """The line that two different readings of a strip give alike, and the surer one's confidence."""
    votes: Counter[str] = Counter()
    sure: dict[str, float] = {}
    for text, confidence in _readings(strip):
        line = grammar(text)
        if line is None:
            continue
        votes[line] += 1
        sure[line] = max(sure.get(line, 0.0), confidence)
        if votes[line] == 2 and len(votes) == 1:
            break
    ranked = votes.most_common(2)
    if ranked and ranked[0][1] >= 2 and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
        return ranked[0][0], sure[ranked[0][0]]
    return None, max(sure.values(), default=0.0)


def _readings(strip: Any) -> Iterator[tuple[str, float]]:
    """The strip read whole and in pieces: the reader skips signs in long lines, never the same ones in short pieces."""
    soft = cv2.GaussianBlur(strip, (0, 0), SOFTENED)
    first = _read([soft])[0]
    yield first
    if len(plain(first[0])) < 20:
        return
    cells = _cells(strip)
    for copy, cuts in ((soft, PIECES[0]), (soft, PIECES[1]), (soft, PIECES[2]), (strip, PIECES[0])):
        parts = [_piece(copy, cells[start], cells[end]) for start, end in pairwise(cuts)]
        read = _read(parts)
        texts = [_fitted(text, end - start) for (text, _sure), (start, end) in zip(read, pairwise(cuts), strict=True)]
        if None not in texts:
            yield "".join(t for t in texts if t), min(c for (text, c) in read if plain(text).strip("<"))
    for stretch in STRETCHES:
        yield _read([cv2.resize(soft, None, fx=stretch, fy=1.0, interpolation=cv2.INTER_CUBIC)])[0]


def _read(strips: Sequence[Any]) -> list[tuple[str, float]]:
    found, _time = _engine().text_rec(list(strips))
    return [(str(text), float(confidence)) for text, confidence in found]


def _cells(strip: Any) -> list[int]:
    """Where one of the 44 signs ends and the next begins: even steps, each moved to the emptiest column nearby."""
    ink = 255 - strip[:, :, 0].astype(np.float32)
    ink = np.clip(ink - np.percentile(ink, 40), 0, None).sum(axis=0)
    dark = np.flatnonzero(ink > ink.max() * 0.12)
    left, right = (int(dark[0]), int(dark[-1])) if len(dark) else (0, strip.shape[1] - 1)
    pitch = (right - left) / (LENGTH - 0.2)
    cells = []
    for index in range(LENGTH + 1):
        guess = left - 0.1 * pitch + index * pitch
        low, high = max(0, round(guess - 0.3 * pitch)), min(strip.shape[1], round(guess + 0.3 * pitch) + 1)
        cells.append(low + int(np.argmin(ink[low:high])) if high > low else max(0, min(strip.shape[1], round(guess))))
    return cells


def _piece(strip: Any, start: int, end: int) -> Any:
    cut = strip[:, max(0, start) : max(start + 1, end)]
    return cv2.copyMakeBorder(cut, 4, 4, 14, 14, cv2.BORDER_REPLICATE)


def _fitted(text: str, count: int) -> str | None:
    """A piece's text when it has the signs that stand in it; only a run of fillers may come out longer or shorter."""
    line = plain(text)
    if len(line) == count:
        return line
    if not line.strip("<KC") or line.endswith("<<") or (len(line) > count and line.endswith("<")):
        bare = line.rstrip("<") if line.strip("<KC") else ""
        return bare.ljust(count, "<") if len(bare) <= count else None
    return None
