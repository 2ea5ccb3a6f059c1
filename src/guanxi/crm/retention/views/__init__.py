"""The pages of retention: cases, one case with its deeds, approvals, the churn autopsy."""
