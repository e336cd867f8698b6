// Which processes does pm2 keep alive?  One per camera that can be tracked:
//
//     pm2 start ecosystem.config.js
//
// The cameras come from config/config_cam.ini through `motion-track cameras --json`, so that a
// camera is declared in one place.  After adding one, run the same command again.

'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const WINDOWS = process.platform === 'win32';
const INSTALL = `${WINDOWS ? 'python' : 'python3'} scripts/bootstrap.py`;

function stop(error, hint) {
  const failure = new Error(`${error}\nhint:  ${hint}`);
  failure.name = 'error'; // pm2 prints the stack, and this is no bug to be traced
  failure.stack = `error: ${failure.message}`;
  throw failure;
}

function findMotionTrack() {
  const name = WINDOWS ? 'motion-track.exe' : 'motion-track';
  const folders = [
    path.join(__dirname, '.venv', WINDOWS ? 'Scripts' : 'bin'),
    ...(process.env.PATH || '').split(path.delimiter).filter(Boolean),
  ];
  const found = folders.map((folder) => path.resolve(folder, name)).find(fs.existsSync);
  if (!found) {
    stop('motion-track is not installed here', INSTALL);
  }
  // relative, because pm2 hands a script with a blank in its path to bash, without its arguments
  const relative = path.relative(__dirname, found);
  if (!WINDOWS && relative.includes(' ')) {
    stop(`pm2 cannot run ${found}: a blank is in its path`, INSTALL);
  }
  return relative;
}

function listCameras(motionTrack) {
  const asked = spawnSync(path.resolve(__dirname, motionTrack), ['cameras', '--json'], {
    cwd: __dirname,
    encoding: 'utf8',
    timeout: 60_000,
    windowsHide: true,
  });
  if (asked.error) {
    stop(`${motionTrack} cannot be run: ${asked.error.message}`, 'motion-track check');
  }
  try {
    const answer = JSON.parse(asked.stdout);
    process.stderr.write(asked.stderr); // one broken camera does not stop the others
    return answer.cameras;
  } catch {
    const said = asked.stderr.trim().replace(/^error: */, '');
    return stop(said || `motion-track cameras ended with ${asked.status}`, 'motion-track check');
  }
}

function app(motionTrack, camera) {
  const log = path.join('logs', 'pm2', camera.name);
  return {
    name: camera.name,
    script: motionTrack,
    interpreter: 'none',
    args: ['run', camera.name],
    cwd: __dirname,
    env: { PYTHONUNBUFFERED: '1' },
    windowsHide: true,

    // time to store the state and to say good-bye
    kill_timeout: 5000,
    // a mistake in the config, a camera tracked already, an extra not installed: as it was
    stop_exit_codes: [2, 5, 6],
    // 2 s, 3 s, 4.5 s .. 15 s: tracked again within 5 s of a crash, six restarts a minute where
    // it crashes each time, and no giving up (so no max_restarts)
    exp_backoff_restart_delay: 2000,

    // each line begins with its time already
    out_file: `${log}.out.log`,
    error_file: `${log}.err.log`,
    merge_logs: true,
  };
}

const motionTrack = findMotionTrack();
const cameras = listCameras(motionTrack).filter((camera) => camera.enabled && camera.trackable);
if (cameras.length === 0) {
  stop('no camera can be tracked yet', 'motion-track check');
}

module.exports = { apps: cameras.map((camera) => app(motionTrack, camera)) };
