"""Planning (理财规划): joint cases, allocation against risk profile, maturity ladder, proposals."""
