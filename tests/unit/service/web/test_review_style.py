"""The style sheet: text can be read (WCAG 2.2, AA) by day and by night; the script holds nothing of another host."""

import re
from pathlib import Path

import pytest

STATIC = Path("service/web/static")
# What is written on what; 4.5 for text, 3 for the edges of controls and for marks that mean something.
TEXT = {
    "ink": ("paper", "card", "tint", "chosen"),
    "soft": ("paper", "card", "chosen"),
    "accent": ("paper", "card", "tint"),
    "on-accent": ("accent",),
    "warn": ("paper", "card", "warn-tint"),
}
EDGES = {"edge": ("paper", "card"), "accent": ("paper", "card", "chosen")}


def colours(sheet: str, *, dark: bool) -> dict[str, str]:
    blocks = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[dark]))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_is_enough_to_read(root: Path, dark: bool) -> None:
    known = colours((root / STATIC / "review.css").read_text("utf-8"), dark=dark)
    poor = {
        (ink, ground): round(contrast(known[ink], known[ground]), 2)
        for pairs, least in ((TEXT, 4.5), (EDGES, 3.0))
        for ink, grounds in pairs.items()
        for ground in grounds
        if contrast(known[ink], known[ground]) < least
    }
    assert not poor


def test_every_colour_has_both_a_light_and_a_dark_value(root: Path) -> None:
    sheet = (root / STATIC / "review.css").read_text("utf-8")
    light, dark = colours(sheet, dark=False), colours(sheet, dark=True)
    assert light.keys() == dark.keys()
    assert set(re.findall(r"var\(--([\w-]+)\)", sheet)) <= light.keys()
    rest = re.sub(r":root \{.*?\}", "", sheet, flags=re.DOTALL)
    assert not re.findall(r"#[0-9a-f]{3,8}\b", rest)


def test_nothing_comes_from_elsewhere(root: Path) -> None:
    written = "".join(
        path.read_text("utf-8") for path in (root / "service" / "web").rglob("*.*") if path.suffix != ".pyc"
    )
    hosts = set(re.findall(r"https?://[^\s\"')]+", written)) - {"http://www.w3.org/2000/svg"}
    assert not hosts
    assert "innerHTML" not in written
    assert "|safe" not in written
