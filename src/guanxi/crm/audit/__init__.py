"""The trail: who changed, saw and exported what. Rows are added and never touched again."""
