"""Who is one person (归并复核): pairs for a clerk, merges the program made, stopped groups, households to confirm."""
