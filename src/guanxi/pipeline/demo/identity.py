"""Names, identity numbers, phones and cards that pass every check and belong to nobody in particular."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from guanxi.pipeline.demo.columns import EPOCH, digits, fixed_text, letters, take
from guanxi.pipeline.demo.days import DAY, MONTH
from guanxi.pipeline.demo.streams import pick


def _words(text: str) -> list[str]:
    return text.split()


# Family names (姓), most frequent first.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
    "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙史陶贺毛段郝顾龚邵"
)
LOCAL_SURNAMES = "沈陆顾徐张王周吴朱钱蒋姚许金陈俞庄范盛殷"  # what this county is full of
MALE = "建国强伟军志明勇杰涛斌辉鹏浩宇轩磊峰刚平东海林波毅俊龙飞文华生根福祥荣金水永春富良泉才"
FEMALE = "芳娜敏静丽艳秀英玲红霞梅兰萍燕洁琳雪婷颖慧莉倩佳怡欣悦琴珍凤娟云香月翠美巧银妹彩蓉"
TRADES = _words(
    "机械 纺织 电子 建材 食品 物流 包装 五金 服饰 科技 农业 水产 丝绸 印刷 家具 化工 商贸 餐饮 汽配 园林"
)
BRANDS = _words(
    "恒瑞 鑫源 华盛 宏达 永兴 天和 金桥 东吴 长江 润泽 佳禾 嘉诚 瑞丰 新元 盛泰 同创 聚贤 万隆 德信 三和 景程 启航"
)
PLACES = _words("江城 观前 湖滨 柳溪 北桥 荷塘 东山")
SHOPS = _words("便利店 面馆 五金店 理发店 水果店 服装店 药房 茶叶店 小吃店 粮油店")
VILLAGES = _words("观前 平江 双塔 沧浪 湖滨 城南 陆家 柳溪 河西 北桥 荷塘 杨湾 东山 石码")

LOCAL_CODES = (320505, 320506, 320507, 320508, 320509, 320581, 320582, 320583, 320585)
OTHER_CODES = (
    *(320102, 320281, 320412, 320623, 320681, 320723, 320826, 320925, 321023, 321183, 321284, 321322),
    *(340122, 340322, 340521, 340823, 341182, 341221, 341282, 341523, 341623, 342623, 330106, 330226),
    *(330324, 330521, 330602, 330782, 410122, 410225, 410327, 411024, 411323, 411422, 411627, 412725),
    *(370102, 370283, 370827, 371322, 371724, 420106, 420281, 420822, 421127, 430121, 430422, 430981),
    *(360121, 360428, 361022, 510122, 510722, 511025, 511322, 500103, 500236, 520121, 610113, 620122),
    *(230103, 310115),
)
MOBILE_HEADS = (
    *(134, 135, 136, 137, 138, 139, 150, 151, 152, 157, 158, 159, 182, 183, 187, 188, 198),
    *(130, 131, 132, 155, 156, 185, 186, 133, 153, 180, 181, 189, 199),
)
CARD_HEAD = "623098"  # a bank identification number of the demo alone

ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
ID_CHECKS = np.frombuffer(b"10X98765432", np.uint8)
USCC_LETTERS = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", np.uint8)
USCC_WEIGHTS = np.array([pow(3, place, 31) for place in range(17)])


def surnames(rng: Generator, count: int, local_share: float) -> np.ndarray:
    """Positions in the surname vocabulary (`SURNAMES` then `LOCAL_SURNAMES`)."""
    common = pick(rng, 1.0 / (np.arange(len(SURNAMES)) + 6.0), count)
    local = pick(rng, 1.0 / (np.arange(len(LOCAL_SURNAMES)) + 4.0), count) + len(SURNAMES)
    return np.where(rng.random(count) < local_share, local, common)


def person_names(rng: Generator, surname: np.ndarray, male: np.ndarray) -> pa.Array:
    """Chinese personal names: one family name, one or two given characters."""
    rows = len(surname)
    given = np.array(list(MALE + FEMALE))
    base = np.where(male, 0, len(MALE))
    width = np.where(male, len(MALE), len(FEMALE))
    first = given[base + (rng.random(rows) * width).astype(np.int64)]
    second = given[base + (rng.random(rows) * width).astype(np.int64)]
    second[rng.random(rows) < 0.22] = ""
    family = np.array(list(SURNAMES + LOCAL_SURNAMES))[surname]
    return pc.binary_join_element_wise(pa.array(family), pa.array(first), pa.array(second), "")


def company_names(rng: Generator, owner: pa.Array, shop: np.ndarray, government: np.ndarray) -> pa.Array:
    """Names of companies, of sole traders' shops, and of public bodies."""
    rows = len(shop)
    place = _some(rng, PLACES, rows)
    brand = _some(rng, BRANDS, rows)
    trade = _some(rng, TRADES, rows)
    number = pa.array(rng.integers(1, 99, rows).astype(str))
    firm = pc.binary_join_element_wise(place, brand, trade, "有限公司", "")
    small = pc.binary_join_element_wise(place, brand, owner, _some(rng, SHOPS, rows), "")
    public = pc.binary_join_element_wise(_some(rng, VILLAGES, rows), "第", number, "公共事务中心", "")
    return pc.if_else(pa.array(government), public, pc.if_else(pa.array(shop), small, firm))


def _some(rng: Generator, values: list[str], rows: int) -> pa.Array:
    return take(pa.array(values), rng.integers(0, len(values), rows))


def area_codes(rng: Generator, count: int) -> np.ndarray:
    """Six-digit area codes of identity numbers, 70 % of this county's surroundings."""
    local = np.array(LOCAL_CODES)[rng.integers(0, len(LOCAL_CODES), count)]
    other = np.array(OTHER_CODES)[rng.integers(0, len(OTHER_CODES), count)]
    return np.where(rng.random(count) < 0.70, local, other)


def resident_ids(code: np.ndarray, birth: np.ndarray, order: np.ndarray) -> pa.Array:
    """18-digit resident numbers; `order` is the three-digit sequence, odd for men."""
    body = np.concatenate([digits(code, 6), digits(yyyymmdd(birth), 8), digits(order, 3)], axis=1)
    rest = ((body - 48).astype(np.int64) * ID_WEIGHTS).sum(axis=1) % 11
    return fixed_text(body, ID_CHECKS[rest][:, None])


def resident_ids_15(code: np.ndarray, birth: np.ndarray, order: np.ndarray) -> pa.Array:
    """The same persons' numbers as they were written before 1999: two-digit year, no check digit."""
    return fixed_text(digits(code, 6), digits(yyyymmdd(birth) % 1_000_000, 6), digits(order, 3))


def yyyymmdd(day: np.ndarray) -> np.ndarray:
    """Days since 1970 as the number yyyymmdd."""
    stamp = EPOCH + day.astype("timedelta64[D]")
    month = stamp.astype(MONTH)
    since = month.astype(np.int64)
    inside = (stamp - month.astype(DAY)).astype(np.int64) + 1
    number: np.ndarray = (since // 12 + 1970) * 10_000 + (since % 12 + 1) * 100 + inside
    return number


def credit_codes(rng: Generator, head: np.ndarray, running: np.ndarray) -> pa.Array:
    """Unified social credit codes (统一社会信用代码): `head` is 91 company, 92 sole trader, 12 public body; `running`
    numbers below 10^8 keep them apart.
    """
    count = len(head)
    local = digits(np.array(LOCAL_CODES)[rng.integers(0, len(LOCAL_CODES), count)], 6)
    body = np.concatenate([digits(head, 2), local, letters("M", count), digits(running, 8)], axis=1)
    value = np.zeros(128, np.int64)
    value[USCC_LETTERS] = np.arange(31)
    rest = (31 - (value[body] * USCC_WEIGHTS).sum(axis=1) % 31) % 31
    return fixed_text(body, USCC_LETTERS[rest][:, None])


def mobiles(rng: Generator, count: int) -> pa.Array:
    """Eleven-digit mobile numbers."""
    heads = np.array(MOBILE_HEADS)[rng.integers(0, len(MOBILE_HEADS), count)]
    return fixed_text(digits(heads, 3), digits(rng.integers(0, 10**8, count), 8))


def cards(number: np.ndarray) -> pa.Array:
    """19-digit card numbers with Luhn's check digit from running numbers."""
    body = np.concatenate([letters(CARD_HEAD, len(number)), digits(number, 12)], axis=1)
    value = (body - 48).astype(np.int64)
    doubled = value[:, ::-2] * 2  # the digit left of the check digit is doubled, then every second
    total = (doubled - 9 * (doubled > 9)).sum(axis=1) + value[:, -2::-2].sum(axis=1)
    return fixed_text(body, digits((10 - total % 10) % 10, 1))
