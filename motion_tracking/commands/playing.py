"""
How does a clip reach a browser that does not play what the camera sent?
"""

from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from motion_tracking.commands.showing import Shown
from motion_tracking.commands.upkeep import Upkeep
from motion_tracking.dashboard.plant import File
from motion_tracking.dashboard.refusals import NotThereError, RefusedError

LONGEST_CONVERSION = 300.0
"""Seconds; two minutes of a large picture take one."""


class Played(Shown, Upkeep):
    """Clips that are encoded again; `motion-track clips` does it, in a process of its own."""

    def playable(self, machine: str, number: str) -> File:
        clip = self.clip(machine, number)
        if clip.media_type != "video/mp4":
            raise NotThereError("that is a picture")
        try:
            folder = Path(mkdtemp(prefix="motion-track-clip-"))
        except OSError as error:
            raise RefusedError(f"it cannot be written: {error.strerror}") from None
        path = folder / clip.name
        try:
            command = ["--no-color", "clips", f"--export={number}", "--playable", f"-o{path}"]
            folder_of = self._config.directory
            code, _, _ = self._errands.done(folder_of, command, LONGEST_CONVERSION)
            if code != 0 or not path.is_file():
                raise RefusedError("it could not be converted", "save the recording as it is")
        except BaseException:
            rmtree(folder, ignore_errors=True)
            raise
        return File("video/mp4", clip.name, path=path, passing=folder)
