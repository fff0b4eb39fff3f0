class RuleBroken(Exception):
    """A rule of the field refuses the gesture; the message is a French sentence the user can act on.

    ``missing`` holds what remains to be done, one item a line, when the rule is a list.
    """

    def __init__(self, message: str, *, missing: list[str] | None = None) -> None:
        super().__init__(message)
        self.missing = missing or []
