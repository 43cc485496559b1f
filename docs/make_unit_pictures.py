"""Make the pictures of the README's table of units: one for each, from the figures that the unit itself shows.

    python docs/make_unit_pictures.py                # writes docs/units/00.png and so on
    python docs/make_unit_pictures.py 03 10          # only these

A picture is a card with a surface of its own, so that it reads on a light and on a dark page. Nothing on it is an exercise's answer.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from matplotlib.patches import Rectangle
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo
from torch import nn

from convbook import data, style
from convbook.checks import exam, resnet
from convbook.checks.architectures import museum
from convbook.figures import (
    blocks,
    charts,
    counting,
    identity_mappings,
    pictures,
    pooling_and_backprop,
    scale,
    sharing_and_symmetry,
    training,
)  # fmt: skip
from convbook.figures import exam as exam_figures
from convbook.style import Figure

FOLDER = Path(__file__).resolve().parent / "units"
WIDTH, HEIGHT, CORNER = 640, 400, 28  # pixels: twice what the table shows
SURFACE, RIM = "#f7f5f0", "#c9c5bb"
MARGIN = 0.09  # of the card's height
MOST_BYTES = 25_000
Place = tuple[float, float, float, float]  # left, bottom, width, height, as shares of the card


def side_by_side(count: int, gap: float = 0.05) -> list[Place]:
    """Return the places of some pictures in a row."""
    left = MARGIN * HEIGHT / WIDTH
    width = (1 - 2 * left - gap * (count - 1)) / count
    return [(left + number * (width + gap), MARGIN, width, 1 - 2 * MARGIN) for number in range(count)]


def card(figure: Figure, keep: Sequence[int] = (0,), places: Sequence[Place] = (), text: float = 0) -> bytes:
    """Return a card with some axes of a figure, without their titles and scales; `text` enlarges what is written inside."""
    axes = list(figure.axes)
    kept = [axes[number] for number in keep]
    for ax in axes:
        if ax not in kept:
            ax.remove()
    for artist in [*figure.legends, *figure.texts, *figure.artists, *figure.lines, *figure.patches]:
        artist.remove()
    figure.set_layout_engine("none")
    figure.set_size_inches(WIDTH / 100, HEIGHT / 100)
    for ax, place in zip(kept, places or side_by_side(len(kept)), strict=True):
        ax.set_position(place)
        ax.set(title="", xlabel="", ylabel="", xticks=[], yticks=[])
        ax.set_title("", loc="left")
        ax.minorticks_off()
        ax.tick_params(which="both", length=0, labelsize=0)
        ax.set_facecolor("none")
        if ax.get_legend():
            ax.get_legend().remove()
        for written in list(ax.texts):
            written.set_fontsize(written.get_fontsize() * text) if text else written.remove()
    return finished(figure)


def finished(figure: Figure) -> bytes:
    """Return a figure as the card's PNG: on its surface, with a rim and round corners, in few colours."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, facecolor=SURFACE)
    drawn = Image.open(buffer).convert("RGB")
    rim = ImageDraw.Draw(drawn)
    rim.rounded_rectangle((0, 0, WIDTH - 1, HEIGHT - 1), CORNER, outline=RIM, width=3)
    mask = Image.new("L", (4 * WIDTH, 4 * HEIGHT))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 4 * WIDTH - 1, 4 * HEIGHT - 1), 4 * CORNER, fill=255)
    drawn.putalpha(mask.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))
    for colours in (128, 96, 64, 48, 32):
        small = io.BytesIO()
        drawn.quantize(colours, method=Image.Quantize.FASTOCTREE).save(small, format="PNG", optimize=True)
        if small.tell() < MOST_BYTES:
            break
    return small.getvalue()


def square(photo: np.ndarray) -> np.ndarray:
    """Return the middle of a photograph (c, h, w) as a square."""
    side = min(photo.shape[-2:])
    top, left = ((length - side) // 2 for length in photo.shape[-2:])
    return photo[..., top : top + side, left : left + side]


def bundled(name: str, height: int) -> np.ndarray:
    """Return a bundled photograph (3, h, w), so small that its pixels can be seen."""
    return data.small(data.photographs()[name], height=height)


def edges(gray: np.ndarray) -> np.ndarray:
    """Return the map of a gray picture's horizontal edges (h − 2, w − 2)."""
    kernel = torch.tensor([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]], dtype=torch.float64)
    image = torch.tensor(gray, dtype=torch.float64)
    return nn.functional.conv2d(image[None, None], kernel[None, None])[0, 0].numpy()


def start_here() -> bytes:
    photo = square(bundled("flower", 26))
    return card(pictures.gallery({"colour": photo, "gray": data.gray(photo)}, columns=2), (0, 1))


def one_convolution() -> bytes:
    gray = data.gray(bundled("china", 44))[:, 6:50]
    figure = pictures.gallery({"photograph": gray, "edges": edges(gray)}, columns=2)
    top, left = 12, 24
    for ax, side in zip(figure.axes, (3, 1), strict=True):
        window = Rectangle(
            (left - 0.5, top - 0.5), side, side, fill=False, edgecolor=style.WINDOW, linewidth=4
        )
        ax.add_patch(window)
    return card(figure, (0, 1))


def count() -> bytes:
    figure = counting.units_below([(3, 1), (3, 2), (3, 1)], shown=4, unit=1)
    figure.axes[0].set_xlim(-1, None)
    return card(figure)


def shared_weights() -> bytes:
    return card(sharing_and_symmetry.places_of_a_matrix(9, 3), (2,))


def pooled() -> bytes:
    table = np.array([[1.0, 3, 2, 0], [4, 2, 1, 5], [0, 6, 7, 2], [1, 2, 3, 8]])
    largest = nn.functional.max_pool2d(torch.tensor(table)[None, None], 2)[0, 0].numpy()
    figure = pooling_and_backprop.pooled_windows(table, 2, {"largest": largest})
    return card(figure, (0, 1), ((0.06, 0.1, 0.5, 0.8), (0.63, 0.26, 0.3, 0.48)), text=2.2)


def walked() -> bytes:
    def valley(first, second):
        return (first - 1) ** 2 + 6 * (second - 1) ** 2

    weights = torch.tensor([-1.2, 3.1], requires_grad=True)
    optimizer = torch.optim.SGD([weights], lr=0.145)
    path = [weights.detach().clone()]
    for _ in range(24):
        optimizer.zero_grad()
        valley(*weights).backward()
        optimizer.step()
        path.append(weights.detach().clone())
    figure = training.walks({"path": torch.stack(path).numpy()}, {"path": valley})
    figure.axes[0].set_aspect("auto")
    figure.axes[0].lines[0].set(linewidth=3, markersize=9)
    figure.axes[0].lines[1].set(markersize=30)
    return card(figure, (0,), [(0, 0, 1, 1)])


def spread_by_layer() -> bytes:
    torch.manual_seed(6)
    x, kept = torch.randn(64, 100), {}
    for name, norm in (("plain", nn.Identity), ("with batch norm", lambda: nn.BatchNorm1d(100))):
        values, kept[name] = x, []
        for _ in range(8):
            values = torch.relu(norm()(nn.Linear(100, 100)(values)))
            kept[name].append(values.std(dim=0).mean().item())
    return card(thick(charts.curves(kept, "layer", "deviation", x=range(1, 9), log="y")))


def dropped() -> bytes:
    clothes = data.fashion_mnist()
    boot = clothes.test_images[int(np.argmax(clothes.test_labels == 9)), 0]
    rng = np.random.default_rng(7)
    masks = {f"mask {number}": boot * (rng.random(boot.shape) > 0.5) for number in (1, 2)}
    return card(pictures.gallery({"all pixels": boot, **masks}), (0, 1, 2))


def augmented() -> bytes:
    photo, shown = bundled("flower", 40), {}
    rng = np.random.default_rng(8)
    for number in range(6):
        top, left = (int(rng.integers(side - 28)) for side in photo.shape[1:])
        crop = photo[:, top : top + 28, left : left + 28]
        shown[str(number)] = crop[:, :, ::-1] if number % 2 else crop
    places = [(0.1 + 0.28 * (n % 3), 0.52 - 0.44 * (n // 3), 0.24, 0.4) for n in range(6)]
    return card(pictures.gallery(shown, columns=3), range(6), places)


def to_scale() -> bytes:
    return card(scale.to_scale(museum.network("LeNet-5")), (0,), [(0.04, 0.05, 0.92, 0.9)])


def residual_block() -> bytes:
    return card(blocks.blocks({"residual": resnet.drawing("BasicBlock", 16, 16)}), (0,), text=1.5)


def down_the_path() -> bytes:
    image, passed = edges(data.gray(bundled("china", 44))[:, 6:50]), (0, 2, 4, 6)
    maps = {
        "nothing on it": [image for _ in passed],
        "times 0.7": [image * 0.7**number for number in passed],
    }
    figure = identity_mappings.down_the_path(maps, passed)
    places = [(0.08 + 0.215 * (n % 4), 0.53 - 0.43 * (n // 4), 0.2, 0.37) for n in range(8)]
    return card(figure, range(8), places)


def exam_board() -> bytes:
    def only_the_shapes(conv2d):
        x, w = np.ones((1, 2, 7, 8)), np.ones((3, 2, 3, 2))
        for stride, padding in ((1, 0), (2, 0), (1, 1), (2, 1)):
            wanted = nn.functional.conv2d(torch.tensor(x), torch.tensor(w), None, stride, padding).shape
            assert conv2d(x, w, stride=stride, padding=padding).shape == tuple(wanted)

    figure = exam_figures.board(exam.kinds_of_faults(only_the_shapes))
    for marks in figure.axes[0].collections:
        marks.set_sizes(1.6 * marks.get_sizes())
    figure.axes[0].set_xlim(-1, 6)
    return card(figure)


def thick(figure: Figure) -> Figure:
    for line in figure.axes[0].lines:
        line.set(linewidth=5, markersize=13)
    return figure


UNITS: dict[str, tuple[Callable[[], bytes], str]] = {
    "00": (start_here, "A flower in a few coloured pixels, and the same in gray."),
    "01": (one_convolution, "A photograph with a small window on it, and the map of its edges."),
    "02": (count, "A pyramid of units: one above depends on three, on seven, on nine."),
    "03": (shared_weights, "A matrix with the same three weights in every row, one place further each time."),
    "04": (pooled, "A table of numbers in four windows, and the largest number of each."),
    "05": (walked, "A path that swings down into a valley, to its lowest point."),
    "06": (spread_by_layer, "Two lines over eight layers: one falls, one stays."),
    "07": (dropped, "A boot, and two times half of its pixels."),
    "08": (augmented, "One flower, cut out and mirrored in six ways."),
    "09": (to_scale, "The layers of a network as boxes, drawn to scale."),
    "10": (residual_block, "A block of layers, and a shortcut that passes them by."),
    "11": (down_the_path, "A map after more and more blocks: above it stays, below it fades."),
    "12": (exam_board, "Rows of squares: full for a fault that was found, crossed for one that was not."),
}


def main(wanted: list[str]) -> None:
    style.use("light")
    FOLDER.mkdir(exist_ok=True)
    for number in wanted or UNITS:
        draw, words = UNITS[number]
        path = FOLDER / f"{number}.png"
        path.write_bytes(with_words(draw(), words))
        print(f"docs/units/{path.name}: {path.stat().st_size / 1000:.1f} kB")


def with_words(png: bytes, words: str) -> bytes:
    """Return a picture that carries the sentence for those who cannot see it; the README's table takes it from there."""
    told, file = PngInfo(), io.BytesIO()
    told.add_text("Description", words)
    Image.open(io.BytesIO(png)).save(file, format="PNG", pnginfo=told, optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
