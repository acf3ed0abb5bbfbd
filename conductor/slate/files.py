"""Pictures on disk, in the formats of Clarisse's image writers."""

from __future__ import annotations

import os
from typing import Mapping

import OpenImageIO as oiio

from conductor.lib.errors import SceneError
from conductor.slate.picture import NOTICE

# What a writer stores; in the order of classes.IMAGE_FORMATS.
SAMPLES = (
    "half", "float", "uint8", "uint8", "uint8", "uint8", "uint16", "uint8", "uint16", "float",
)
_DISPLAY, _LINEAR = "sRGB", "lin_srgb"


def write(picture: oiio.ImageBuf, path: str, file_format: int, about: Mapping[str, str]) -> None:
    """Write one picture in display colours, whole or not at all.

    Args:
        path: the final name; its folder must exist, as with cnode.
        file_format: number of the format, which decides samples and colours.
        about: metadata for the file's header.

    Raises SceneError when the folder is missing or the file cannot be written.
    """
    folder, name = os.path.split(path)
    if not os.path.isdir(folder or "."):
        raise SceneError('cannot write "%s": the directory "%s" does not exist' % (path, folder))
    samples = SAMPLES[file_format]
    if samples in ("half", "float"):
        picture = oiio.ImageBufAlgo.colorconvert(picture, _DISPLAY, _LINEAR)
    picture.set_write_format(samples)
    header = picture.specmod()
    for key, value in dict(about, ImageDescription=NOTICE, compression="zip").items():
        header.attribute(key, value)
    # The ending stays: it tells the library which format to write.
    beside = os.path.join(folder, ".%d-%s" % (os.getpid(), name))
    try:
        if not picture.write(beside):
            raise SceneError('cannot write "%s": %s' % (path, picture.geterror()))
        os.replace(beside, path)
    finally:
        if os.path.exists(beside):
            os.unlink(beside)
