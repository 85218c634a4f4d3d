"""What the generator of the Wuhan pack is told; districts are real, all numbers are made up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class District:
    """A real district with its official code and a made-up, rounded number of residents."""

    code: str
    name: str
    short: str
    name_en: str
    residents: int


DISTRICTS = (
    District("420102", "江岸区", "江岸", "Jiang'an", 960_000),
    District("420103", "江汉区", "江汉", "Jianghan", 640_000),
    District("420104", "硚口区", "硚口", "Qiaokou", 660_000),
    District("420105", "汉阳区", "汉阳", "Hanyang", 830_000),
    District("420106", "武昌区", "武昌", "Wuchang", 1_090_000),
    District("420107", "青山区", "青山", "Qingshan", 490_000),
    District("420111", "洪山区", "洪山", "Hongshan", 1_950_000),
    District("420112", "东西湖区", "东西湖", "Dongxihu", 760_000),
    District("420113", "汉南区", "汉南", "Hannan", 390_000),
    District("420114", "蔡甸区", "蔡甸", "Caidian", 540_000),
    District("420115", "江夏区", "江夏", "Jiangxia", 900_000),
    District("420116", "黄陂区", "黄陂", "Huangpi", 1_020_000),
    District("420117", "新洲区", "新洲", "Xinzhou", 800_000),
)


@dataclass(frozen=True, slots=True)
class Centre:
    """A built-up centre: people lie around it normally, `spread_km` wide."""

    lng: float
    lat: float
    spread_km: float
    weight: float


# Where the city is built up, by eye, to about a kilometre; enough for a likely picture.
CENTRES = (
    Centre(114.283, 30.598, 2.2, 10.0),  # Hankou
    Centre(114.262, 30.606, 2.6, 7.0),
    Centre(114.222, 30.583, 2.4, 5.0),  # Gutian
    Centre(114.300, 30.632, 2.6, 5.0),  # Houhu
    Centre(114.228, 30.553, 2.2, 5.0),  # Hanyang
    Centre(114.190, 30.545, 2.6, 3.0),
    Centre(114.168, 30.492, 2.6, 3.5),  # Zhuankou
    Centre(114.310, 30.545, 2.0, 6.0),  # Wuchang
    Centre(114.338, 30.570, 2.2, 5.0),  # Xudong
    Centre(114.345, 30.510, 2.4, 6.0),  # Jiedaokou
    Centre(114.300, 30.488, 2.6, 5.0),  # Nanhu
    Centre(114.402, 30.505, 2.6, 6.0),  # Guanggu
    Centre(114.430, 30.470, 3.0, 4.0),
    Centre(114.390, 30.637, 2.2, 4.0),  # Qingshan
    Centre(114.130, 30.622, 2.4, 4.0),  # Wujiashan
    Centre(114.205, 30.660, 2.8, 2.0),  # Jinyinhu
    Centre(114.320, 30.690, 2.4, 2.5),  # Panlong
    Centre(114.375, 30.880, 1.8, 4.0),  # towns outside
    Centre(114.800, 30.842, 1.8, 4.0),
    Centre(114.545, 30.690, 1.8, 2.5),
    Centre(114.318, 30.350, 2.2, 4.0),
    Centre(114.030, 30.582, 1.8, 3.0),
    Centre(114.080, 30.310, 1.8, 2.5),
    Centre(114.020, 30.480, 2.2, 2.0),
)

# Made-up lines, not the real network: stations every 1.3 km along these corners (lng, lat).
METRO_LINES = (
    ("甲", ((114.130, 30.625), (114.222, 30.583), (114.283, 30.598), (114.320, 30.660))),
    ("乙", ((114.262, 30.660), (114.275, 30.600), (114.310, 30.545), (114.402, 30.505))),
    ("丙", ((114.160, 30.490), (114.228, 30.553), (114.283, 30.598), (114.338, 30.570))),
    ("丁", ((114.390, 30.637), (114.338, 30.570), (114.345, 30.510), (114.318, 30.360))),
    ("戊", ((114.190, 30.545), (114.310, 30.545), (114.430, 30.470), (114.520, 30.480))),
    ("己", ((114.320, 30.700), (114.300, 30.632), (114.310, 30.545), (114.300, 30.488))),
)
