"""Avatars: everybody has a face of their own."""

import io

from PIL import Image

from solstice.demo.avatars import SIDE_PIXELS, render_avatar
from solstice.demo.people import AUDIENCE, CREATORS


def test_faces_are_square_pictures_and_all_different() -> None:
    """Two people who look alike would be confused under a video."""
    faces = [render_avatar(persona) for persona in (*CREATORS, *AUDIENCE)]
    assert len(set(faces)) == len(faces)
    for face in faces:
        with Image.open(io.BytesIO(face)) as picture:
            assert picture.format == "PNG"
            assert picture.size == (SIDE_PIXELS, SIDE_PIXELS)
