"""Texts of every lab decode as they were written."""

from __future__ import annotations

import pytest

from plates.source import Source, encoding_of

GERMAN = "Wellenlänge 450 nm\nMessgerät: geprüft, µ-Platte\nTemperatur 25,3 °C, Überstände\n"
JAPANESE = "波長 450 nm のデータ\n測定日時 2024年3月1日 測定者 山田太郎\n温度 25.3 度 吸光度\n"
RUSSIAN = "Длина волны 450 нм\nДата измерения 1 марта 2024, оператор Иванов\nПланшет один\n"
CHINESE = (
    "波长 450 nm 的数据\n测量日期 2024年3月1日 操作员 王小明 酶标板编号\n温度 25.3 度 吸光度\n"
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("T° 450\n0.123\n", "cp1252"),
        (GERMAN * 8, "cp1252"),
        (GERMAN.replace("µ", "u") * 8, "mac_roman"),
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (JAPANESE * 2, "cp932"),
        (RUSSIAN * 2, "cp1251"),
        (CHINESE * 2, "gb18030"),
    ],
)
def test_a_text_comes_back_from_its_bytes(text: str, encoding: str) -> None:
    source = Source.from_bytes("export.txt", text.encode(encoding))
    assert source.text == text, encoding_of(text.encode(encoding))
