"""placeholder"""

import os


def build(root: str, command: list[str]) -> int:
    os.execvp(command[0], command)
