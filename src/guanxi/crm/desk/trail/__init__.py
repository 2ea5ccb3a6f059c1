"""The pages of the trail (审计): who saw, changed and took what.

They stand in the highest room because they ask the organisation who may read them; texts and reads are the audit room's.
"""
