"""Whether a photo shows a passport's page, or only its two lines: a portrait on the left and text in the visual zone.

The parts are looked for where Doc 9303 part 4 puts them on a TD3 page, measured from the machine-readable zone that was
read: portrait (zone IV) left, personal data (zone III) right of it, both above the zone. No face is compared: this only
tells an officer's file from one that the rules may close. Every page that it does not know goes to an officer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

# The part of the page above the zone, laid straight: pixels for one length of the zone (about 112 mm), and 65 mm of height.
WIDTH, HEIGHT = 600, 350
# A portrait is at most 35 to 45 mm wide; a glimpse of paper right of it may lie within.
LEFT_PART = 0.42
# Smallest face-sized area: about 15 by 20 mm, mostly filled, darker or lighter than the paper, and not of one tone.
LEAST_WIDTH, LEAST_HEIGHT, LEAST_FILL = 80, 107, 0.35
TONE_STEP, LEAST_TEXTURE = 18, 8.0
# Strokes of text are thinner than this.
STROKE = 13
LEAST_TEXTS = 3


@dataclass(frozen=True, slots=True)
class ZoneFrame:
    """Where the zone's upper line lies: its top left corner as a reader sees it, directions of one pixel, length in pixels."""

    origin: Any
    along: Any
    up: Any
    length: float

    @classmethod
    def of(cls, corners: Any, *, upside_down: bool) -> "ZoneFrame":
        """From a line's corners (top left, top right, bottom left) on the page as it was photographed."""
        left, right, below = (np.asarray(c, dtype=np.float64) for c in corners)
        length = float(np.linalg.norm(right - left))
        along, down = (right - left) / length, (below - left) / float(np.linalg.norm(below - left))
        if upside_down:
            return cls(right + below - left, -along, down, length)
        return cls(left, along, -down, length)


def is_page(photo: Any, texts: Sequence[Any], frame: ZoneFrame) -> bool:
    """Whether portrait and personal data stand above the zone.

    :param photo: the page in grey levels spread over three channels, as the reader has it.
    :param texts: boxes of four corners, in pixels, around everything that is text.
    """
    return _data_lines(texts, frame) >= LEAST_TEXTS and _has_portrait(_above(photo, frame))


def _data_lines(texts: Sequence[Any], frame: ZoneFrame) -> int:
    """How many pieces of text stand right of where the portrait begins, above the zone."""
    count = 0
    for box in texts:
        offset = np.mean(np.asarray(box, dtype=np.float64), axis=0) - frame.origin
        across, above = float(offset @ frame.along) / frame.length, float(offset @ frame.up) / frame.length
        count += 0.25 < across < 1.05 and 0.03 < above < 0.65
    return count


def _above(photo: Any, frame: ZoneFrame) -> Any:
    """The part of the page above the zone, laid straight and small; what lies outside the photo has the paper's tone."""
    top = frame.origin + frame.up * frame.length * HEIGHT / WIDTH
    source = np.array([top, top + frame.along * frame.length, frame.origin], dtype=np.float32)
    target = np.array([[0, 0], [WIDTH, 0], [0, HEIGHT]], dtype=np.float32)
    turn = cv2.getAffineTransform(source, target)
    grey = photo[:, :, 0]
    paper = float(np.median(grey))
    return cv2.warpAffine(grey, turn, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderValue=(paper,))


def _has_portrait(above: Any) -> bool:
    """Whether a face-sized area of several tones stands in the left part: text is wiped out first."""
    wiped = cv2.morphologyEx(above, cv2.MORPH_CLOSE, np.ones((STROKE, STROKE), np.uint8))
    wiped = cv2.GaussianBlur(wiped, (0, 0), 3)
    paper = float(np.median(wiped))
    left = wiped[:, : round(WIDTH * LEFT_PART)]
    differs = (np.abs(left.astype(np.float32) - paper) > TONE_STEP).astype(np.uint8)
    count, _labels, boxes, _middles = cv2.connectedComponentsWithStats(differs)
    for x, y, width, height, area in boxes[1:count]:
        filled = area >= LEAST_FILL * width * height
        if width >= LEAST_WIDTH and height >= LEAST_HEIGHT and filled:
            tones = float(np.std(left[y : y + height, x : x + width]))
            if tones >= LEAST_TEXTURE:
                return True
    return False
