"""The trail: who changed, saw and exported what. Rows are added, never changed."""
