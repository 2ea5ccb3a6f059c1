"""Units, staff, posts, leave cover, sign-in, and how far each person's sight reaches."""
