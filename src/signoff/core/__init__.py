"""THE RULES: what is allowed, what therefore happened, what is now true, what to do about it.

Everything here is pure. It reads no clock, mints no id, logs nothing, awaits nothing.
"""
