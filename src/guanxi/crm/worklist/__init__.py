"""The worklist (今日必办): tasks from all origins, ranked and cut to what one person can do in a day."""
