"""Letters as people write them to get past a rule: full-width, traditional, spaced, dotted. One plain form of all."""

from __future__ import annotations

import unicodedata

# Traditional letters of the words that matter here; the rest of the language stays as it is.
_TRADITIONAL = str.maketrans(
    "訂閱請別發訊擾絕單銷關閉無風險證賺賠兌擔債門檻審徵貸費額獎勵貼補達標準資產極穩預過業績優佳獨權國際級報償錢財隨時"
    "復聽謝麼嗎們這個來電話給還點擊鏈碼買賣價現後總裏裡專屬樂見實際戶帳賬號領導團開戲種類雙歲萬億億廣應該說認識銀",
    "订阅请别发讯扰绝单销关闭无风险证赚赔兑担债门槛审征贷费额奖励贴补达标准资产极稳预过业绩优佳独权国际级报偿钱财随时"
    "复听谢么吗们这个来电话给还点击链码买卖价现后总里里专属乐见实际户账账号领导团开戏种类双岁万亿亿广应该说认识银",
)
_UNSEEN = {"Cf", "Cc", "Co", "Cn", "Cs", "Mn", "Me"}


def plain(text: str) -> str:
    """Folded to one width and case, traditional letters of these lists made simple, unseen letters dropped."""
    told = unicodedata.normalize("NFKC", text).casefold().translate(_TRADITIONAL)
    return "".join(letter for letter in told if unicodedata.category(letter) not in _UNSEEN)


def bare(text: str) -> str:
    """The same without spaces, punctuation, symbols and pictures: letters and digits alone."""
    return "".join(letter for letter in plain(text) if unicodedata.category(letter)[0] in "LN")
