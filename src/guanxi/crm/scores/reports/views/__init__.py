"""The reports' pages; they write nothing but the trail of files taken."""
