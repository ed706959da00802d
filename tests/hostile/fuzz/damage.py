"""Damage to a payload, as every fuzz target takes it.

Invariant: what comes out is bytes, made of the payload, of pieces of others and of the format's own words.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


@st.composite
def damaged(draw: Any, seeds: tuple[bytes, ...], words: tuple[str, ...]) -> bytes:  # hypothesis's draw
    """A seed with one to six places cut, doubled, overwritten or filled with a word or a piece of another."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 40))
        match draw(st.integers(0, 6)):
            case 0:
                del data[place : place + length]
            case 1:
                data[place:place] = data[place : place + length] * draw(st.integers(1, 3))
            case 2:
                data[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
            case 3:
                del data[place:]
            case 4:
                other = draw(st.sampled_from(seeds))
                begin = draw(st.integers(0, len(other)))
                data[place:place] = other[begin : begin + 4 * length]
            case _:
                word = draw(st.sampled_from(words)).encode("utf-8", "replace")
                data[place : place + draw(st.integers(0, 12))] = word
    return bytes(data)
