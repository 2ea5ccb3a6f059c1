"""The reports: 业务日报, the three lists, 客户分析. Sums by unit within a person's reach, never more."""
