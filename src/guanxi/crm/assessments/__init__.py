"""Impact assessments of processing personal information (个人信息保护影响评估): written by one, approved by another."""
