"""The pages of the trail (审计): who saw, changed and took what.

They stand in the highest room because they ask the organisation who may read them; the audit room has texts and reads.
"""
