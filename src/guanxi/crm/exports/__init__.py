"""Files above what a role may take (导出申请): asked for, approved by a second person, taken once and soon."""
