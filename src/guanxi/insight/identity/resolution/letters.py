"""How a name is written and how it sounds: variant characters (异体字) folded, pinyin, Latin words in any order."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# Each character counts as the one after it: traditional and variant forms seen in Chinese names.
_VARIANTS = (
    "張张陳陈劉刘楊杨趙赵黃黄吳吴孫孙馬马羅罗鄭郑謝谢許许韓韩馮冯鄧邓蕭萧蔣蒋葉叶蘇苏呂吕盧卢鍾钟陸陆賈贾韋韦鄒邹閆闫龍龙"
    "賀贺龔龚顧顾齊齐錢钱湯汤嚴严溫温魯鲁畢毕聶聂藍蓝關关歐欧喬乔莊庄龐庞倉仓儲储衛卫紀纪鮑鲍費费婁娄單单寧宁"
    "國国華华偉伟軍军強强彊强傑杰東东濤涛飛飞鵬鹏輝辉煇辉剛刚濱滨賓宾賢贤興兴義义禮礼榮荣慶庆勝胜寶宝愛爱蘭兰鳳凤麗丽艷艳"
    "豔艳瓊琼貞贞靜静嬌娇嬋婵紅红綠绿雲云萬万無无與与書书畫画學学業业樂乐歡欢達达遠远進进連连運运鎮镇鋒锋銳锐鋼钢鐵铁銀银"
    "錦锦鑫鑫陽阳陰阴隊队際际園园圓圆團团場场堅坚壽寿夢梦實实寬宽將将專专導导島岛峯峰崑昆巖岩幫帮廣广應应憲宪懷怀戰战"
    "曉晓暉晖曄晔煒炜燁烨瑋玮瑤瑶璽玺甦苏昇升陞升堃坤喆哲淼淼犇奔羣群脩修濬浚叡睿勳勋勛勋彥彦媛媛娛娱嫻娴嫺娴穎颖頴颖"
    "穗穗競竞節节簡简紹绍維维綱纲綺绮緒绪緯纬繼继續续聖圣聰聪聲声職职腦脑臨临藝艺蓮莲薇薇術术補补規规視视覺觉親亲觀观"
    "訓训記记詩诗誠诚諾诺謙谦讓让貴贵資资賜赐質质趕赶輪轮農农邁迈鄉乡鄰邻釗钊鈞钧銘铭鋆鋆錚铮鍵键鎧铠鏡镜長长門门開开"
    "間间閣阁陳陈隆隆霖霖靈灵韻韵順顺頌颂領领願愿顯显風风餘余駿骏騰腾驊骅魚鱼鳴鸣鴻鸿鵑鹃鶴鹤麒麒麥麦黨党"
)
_FOLD = {_VARIANTS[at]: _VARIANTS[at + 1] for at in range(0, len(_VARIANTS), 2)}
_COMPOUND = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "令狐",
        "慕容",
        "宇文",
        "长孙",
        "司徒",
        "夏侯",
        "端木",
        "独孤",
        "南宫",
    ]
)
_HAN = re.compile(r"[\u3400-\u9fff]")


class Written(NamedTuple):
    """A name as linkage compares it; every part may be empty."""

    key: str  # as written, folded
    sound: str  # in pinyin or Latin letters, without blanks
    order: str  # the same words in alphabetical order: 王小明, XIAOMING WANG and Wang Xiaoming are one
    first: str  # the sound of the family name, or the first word
    last: str  # the sound of the given name, or the last word
    family: str  # the family name as written, folded; of a Latin name its last word


def written(name: str, syllables: dict[str, str]) -> Written:
    """The forms of a name; `syllables` says the pinyin of each Chinese character that occurs."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    words = [word for word in re.split(r"[^\w]+", plain) if word]
    folded = "".join(_FOLD.get(letter, letter) for word in words for letter in word)
    if not _HAN.search(folded):
        return _latin(words)
    family, given = _cut(folded)
    first, last = (_sound(part, syllables) for part in (family, given))
    return Written(folded, first + last, " ".join(sorted(filter(None, (first, last)))), first, last, family)


def han_letters(names: list[str]) -> list[str]:
    """The Chinese characters of these names, after folding, each once, in order."""
    found = {letter for name in names for letter in name if _HAN.match(letter)}
    return sorted({_FOLD.get(letter, letter) for letter in found})


def _latin(words: list[str]) -> Written:
    first, last = (words[0], words[-1]) if words else ("", "")
    return Written(" ".join(words), "".join(words), " ".join(sorted(words)), first, last, last)


def _cut(name: str) -> tuple[str, str]:
    width = 2 if name[:2] in _COMPOUND and len(name) > 2 else 1
    return name[:width], name[width:]


def _sound(text: str, syllables: dict[str, str]) -> str:
    return "".join(syllables.get(letter, letter) for letter in text)
