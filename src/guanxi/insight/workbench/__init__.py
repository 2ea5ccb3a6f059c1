"""The analysts' workbench (分析工作台): what is published without identities, and what may be asked of it."""
