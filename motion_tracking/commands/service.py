"""
Which files start tracking at boot, and how are they put to use?
"""

import getpass
import json
import os
import shutil
import sys
from pathlib import Path
from string import Template

from motion_tracking.commands.configuration import configured, to_track
from motion_tracking.console import Failure, Settings, say

_PM2 = """\
// Tracks each camera of config_cam.ini in a process of its own:  pm2 start ecosystem.config.js
// The cameras are asked for at each start, so they are declared in the INI file only.
const { execFileSync } = require("node:child_process");
const path = require("node:path");

const program = $program;
const config = $config;
const folder = $folder;
const answer = execFileSync(program, ["-C", config, "cameras", "--json"], { encoding: "utf8" });

module.exports = {
  apps: JSON.parse(answer)
    .cameras.filter((camera) => camera.trackable && camera.enabled)
    .map(({ name }) => ({
      name,
      // relative: pm2 hands a script with a blank in its path to bash, without its arguments
      script: path.relative(folder, program),
      args: ["-C", config, "run", name],
      interpreter: "none",
      cwd: folder,
      windowsHide: true,
      kill_timeout: 5000,
      stop_exit_codes: [2, 5, 6],
      exp_backoff_restart_delay: 2000,
    })),
};
"""

_SYSTEMD = """\
# One instance a camera:  systemctl enable --now motion-track@press1
[Unit]
Description=motion-track: is %i running?
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
ExecStart="$program" -C "$config" run %i
WorkingDirectory=$folder
User=$user
Restart=always
RestartSec=2
RestartPreventExitStatus=2 5 6
TimeoutStopSec=5
# half of it: a tracker that hangs ends itself; this is for one that cannot even do that
WatchdogSec=60
WatchdogSignal=SIGKILL
NoNewPrivileges=yes

[Install]
WantedBy=multi-user.target
"""

_WINDOWS = """\
@echo off
rem Tracks each camera as a Windows service, by NSSM (nssm.cc); run it once as administrator.
rem Toasts need a signed-in user: for them, put start_motion_tracking.bat into Startup instead.
$services
"""

_WINDOWS_SERVICE = """\
nssm install motion-track-$camera "$program" -C "$config" run $camera
nssm set motion-track-$camera AppDirectory "$folder"
nssm set motion-track-$camera AppExit 2 Exit
nssm set motion-track-$camera AppExit 5 Exit
nssm set motion-track-$camera AppExit 6 Exit
nssm set motion-track-$camera AppRestartDelay 2000
nssm start motion-track-$camera"""

_DOCKER = """\
# docker build -t motion-track .
# docker run -v ./config:/app/config:ro -v ./logs:/app/logs motion-track run press1
FROM python:3.12-slim
RUN apt-get update \\
 && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \\
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
COPY motion_tracking ./motion_tracking
RUN pip install --no-cache-dir -c constraints.txt . \\
 && useradd --create-home tracker && mkdir logs && chown tracker logs
USER tracker
ENV PYTHONUNBUFFERED=1 MOTION_TRACK_CONFIG_DIR=/app/config
HEALTHCHECK --interval=30s --start-period=60s CMD motion-track status --exit-code
ENTRYPOINT ["motion-track"]
"""

_FILES = {
    "pm2": ("ecosystem.config.js", "pm2 start {file}, then pm2 save"),
    "systemd": (
        "motion-track@.service",
        "copy {file} to /etc/systemd/system, then systemctl enable --now {instances}",
    ),
    "windows": ("install_services.bat", "run {file} once as administrator"),
    "docker": ("Dockerfile", "docker build -t motion-track . in the project, with {file}"),
}


def service(settings: Settings, manager: str, output: Path | None, user: str | None) -> None:
    """Write the file of a service manager into `output`, or print it."""
    config = configured(settings)
    cameras = [camera.name for camera in to_track(config)]
    values = {
        "program": _program(),
        "config": str(config.directory.resolve()),
        "folder": str(Path.cwd()),
        "user": user or getpass.getuser(),
    }
    text = _text(manager, values, cameras)
    name, then = _FILES[manager]
    if output is None:
        say(text)
        return
    path = output / name
    try:
        output.mkdir(parents=True, exist_ok=True)
        # cmd.exe loses its place in files with bare line feeds
        path.write_text(text, encoding="utf-8", newline="\r\n" if manager == "windows" else "\n")
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}") from None
    instances = " ".join(f"motion-track@{name}" for name in cameras or ["CAMERA"])
    say(f"{path}\nnext: {then.format(file=path, instances=instances)}")


def _program() -> str:
    """Return the path of `motion-track`: that beside this Python, else the one on the PATH."""
    scripts = str(Path(sys.executable).parent)
    return shutil.which("motion-track", path=scripts) or shutil.which("motion-track") or sys.argv[0]


def _text(manager: str, values: dict[str, str], cameras: list[str]) -> str:
    if manager in ("windows", "systemd"):  # both expand what stands behind a %
        values = {key: value.replace("%", "%%") for key, value in values.items()}
    if manager == "windows":
        services = (Template(_WINDOWS_SERVICE).substitute(values, camera=name) for name in cameras)
        return Template(_WINDOWS).substitute(services="\n".join(services))
    if manager == "pm2":
        _refuse_blanks(values["program"], values["folder"])
        values = {key: json.dumps(value) for key, value in values.items()}
    template = {"pm2": _PM2, "systemd": _SYSTEMD, "docker": _DOCKER}[manager]
    return Template(template).substitute(values)


def _refuse_blanks(program: str, folder: str) -> None:
    if os.name != "nt" and " " in os.path.relpath(program, folder):
        raise Failure(
            f"pm2 cannot run {program} from {folder}: a blank is in its path",
            "call this in the folder that holds .venv, or use `motion-track service systemd`",
        )
