"""Incidents of data security (数据安全事件): what happened, who was affected by the access log, what was done."""
