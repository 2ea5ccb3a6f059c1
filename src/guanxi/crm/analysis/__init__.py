"""The analysts' room (分析工作台): questions to de-identified data, and three sources side by side (三角验证)."""
