"""Does it work (效果评估): who is held out, how many are needed, what a campaign changed, and for whom. Pure."""
