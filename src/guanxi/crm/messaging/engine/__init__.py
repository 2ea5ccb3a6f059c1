"""The machine that hands messages to the counterparts so that each arrives once (只发一次).

planned → claimed (a lease, and a fence number) → submitting (committed before the call) → accepted → delivered or
failed. What breaks off in submitting is in doubt; it is cleared by asking the counterpart, or by a person. Each step
here is one transaction, takes the time as an argument and works as the login it is told (`using`).
"""
