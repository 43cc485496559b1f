"""Images to learn with: bundled, found on the machine, or downloaded when asked for.

    from convbook import data
    clothes = data.fashion_mnist()          # 10,000 + 2,000 images, in the package
    photo = data.small(data.photographs()["china"], height=160)

Images are `(c, h, w)`, sets of them `(n, c, h, w)`. Nothing here touches the network except `data.download`.
"""

from convbook.data.cifar import cifar10
from convbook.data.downloads import download
from convbook.data.errors import DataError
from convbook.data.fashion import fashion_mnist
from convbook.data.handwriting import digits
from convbook.data.images import Images, stratified
from convbook.data.photos import gray, photographs, small

__all__ = [
    "DataError", "Images", "cifar10", "digits", "download", "fashion_mnist", "gray", "photographs", "small",
    "stratified",
]  # fmt: skip
