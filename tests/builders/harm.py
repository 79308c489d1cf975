"""What a pickle must never get to do."""


class Harm:
    """Prints ``harm`` when it is unpickled."""

    def __reduce__(self):
        return (print, ("harm",))
