"""Which process ends with the block that started it, even if the block fails?"""

import subprocess
from types import TracebackType


class Child(subprocess.Popen[str]):
    """
    A process that speaks text.

    `Popen` waits at the end of its block.  Where a test has failed there, nobody is left to end
    what it waits for.
    """

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.kill()
        super().__exit__(kind, error, trace)
