"""What the values of facts are called, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

Values = Mapping[str, tuple[str, str]]

KINDS: Values = {
    "person": ("个人", "Individual"),
    "sole_trader": ("个体工商户", "Sole trader"),
    "company": ("企业", "Company"),
    "government": ("机关事业单位", "Government or public body"),
    "interbank": ("同业", "Bank or financial institution"),
}
STATES: Values = {
    "active": ("正常", "Active"),
    "closed": ("已销户", "Closed"),
    "deceased": ("已故", "Deceased"),
}
SEXES: Values = {"male": ("男", "Male"), "female": ("女", "Female")}
AREAS: Values = {"urban": ("城镇", "Urban"), "rural": ("农村", "Rural")}
RESIDENTS: Values = {
    "farmer": ("农户", "Farmer"),
    "sole_trader": ("个体经营者", "Sole trader"),
    "micro_owner": ("小微企业主", "Owner of a micro firm"),
    "employee": ("受雇职工", "Employee"),
    "retired": ("退休", "Retired"),
    "other": ("其他", "Other"),
}
SIZES: Values = {
    "large": ("大型", "Large"),
    "medium": ("中型", "Medium"),
    "small": ("小型", "Small"),
    "micro": ("微型", "Micro"),
}
RISKS: Values = {
    "C1": ("C1 保守", "C1 conservative"),
    "C2": ("C2 稳健", "C2 steady"),
    "C3": ("C3 平衡", "C3 balanced"),
    "C4": ("C4 成长", "C4 growth"),
    "C5": ("C5 进取", "C5 aggressive"),
}
RENOWNS: Values = {
    "village_cadre": ("村干部", "Village cadre"),
    "business_owner": ("企业主", "Business owner"),
    "deputy": ("人大代表", "Deputy"),
    "committee_member": ("政协委员", "Committee member"),
    "listed": ("上市公司", "Listed company"),
    "other": ("其他", "Other"),
}
MOVES: Values = {"up": ("升级", "Risen"), "same": ("不变", "Same"), "down": ("降级", "Fallen")}
STAGES: Values = {
    "potential": ("潜在期", "Prospective"),
    "trial": ("考察期", "On trial"),
    "growing": ("发展期", "Growing"),
    "mature": ("成熟期", "Mature"),
    "declining": ("衰退期", "Declining"),
    "lost": ("流失", "Lost"),
    "won_back": ("挽回", "Won back"),
}
LEVELS: Values = {"low": ("低", "Low"), "medium": ("中", "Medium"), "high": ("高", "High")}
FAMILIES: Values = {
    "demand": ("活期存款", "Demand deposit"),
    "time": ("定期存款", "Time deposit"),
    "cd": ("大额存单", "Certificate of deposit"),
    "structured": ("结构性存款", "Structured deposit"),
    "wealth": ("理财", "Wealth product"),
    "fund": ("基金", "Fund"),
    "insurance": ("保险", "Insurance"),
    "bond": ("债券", "Bond"),
    "metal": ("贵金属", "Precious metal"),
    "trust": ("信托", "Trust"),
    "loan": ("贷款", "Loan"),
    "card": ("信用卡", "Credit card"),
}
CHANNELS: Values = {
    "counter": ("柜台", "Counter"),
    "self_service": ("自助设备", "Self-service machines"),
    "mobile": ("手机银行", "Mobile bank"),
    "web": ("网上银行", "Online bank"),
    "phone": ("电话银行", "Phone bank"),
    "third_party": ("第三方支付", "Third-party payment"),
}
PROFILES: Values = {
    **CHANNELS,
    "mixed": ("多种渠道", "Several channels"),
    "silent": ("无渠道使用", "No channel used"),
}
PREFERENCES: Values = {
    "deposit_reliant": ("存款倚重", "Leans on deposits"),
    "fee_reliant": ("中间业务倚重", "Leans on services"),
    "loan_reliant": ("贷款倚重", "Leans on loans"),
    "balanced": ("综合均衡", "Balanced"),
    "unsettled": ("未定型", "Not settled yet"),
}
SIGNALS: Values = {
    "outflow": ("资金流出", "Money leaving"),
    "payroll_stopped": ("代发停发", "Salary stopped"),
    "payroll_batch_stopped": ("单位代发整批停发", "A firm's payroll stopped"),
    "matured": ("到期未续", "Matured and not renewed"),
    "log_ins_down": ("登录减少", "Fewer log-ins"),
    "complaint": ("投诉", "Complaint"),
    "debit_cancelled": ("代扣解约", "Direct debit cancelled"),
    "slope": ("资产下滑", "AUM falling"),
    "early_withdrawal": ("提前支取", "Early withdrawal"),
    "closing_request": ("销户申请", "Asked to close"),
}
RELATIONS: Values = {
    "spouse": ("配偶", "Spouse"),
    "parent": ("父母", "Parent"),
    "child": ("子女", "Child"),
    "employee": ("员工", "Employee"),
    "owner": ("股东 / 实际控制人", "Owner"),
    "legal_person": ("法定代表人", "Legal representative"),
    "guarantor": ("担保人", "Guarantor"),
}
