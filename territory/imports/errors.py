class Unreadable(Exception):
    """The file as a whole cannot be used; the message is the French sentence shown to the person who brought it."""


class Personal(Unreadable):
    """The file describes persons one by one: it is refused and not kept."""
