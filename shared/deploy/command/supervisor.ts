import { spawn } from 'node:child_process';

/**
 * Waits for a line. Where its pipe ends without one, whoever held it was killed: it then ends the group as we would.
 * A process of its own, in a session of its own, is the only thing that outlives kill -9 of us.
 */
const SCRIPT = `
read -r ended && exit 0
kill -s TERM -- "-$1"
while [ "$2" -gt 0 ] && kill -s 0 -- "-$1"; do sleep 1; set -- "$1" $(($2 - 1)); done
kill -s KILL -- "-$1"
`;

export interface Supervisor {
  /** The command has ended: nothing is to be done. */
  release(): void;
}

/** Has the process group of `leader` end with this process, however this one ends. */
export function superviseGroup(leader: number, graceMs: number): Supervisor {
  const seconds = String(Math.ceil(graceMs / 1000));
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(leader), seconds], {
    cwd: '/',
    env: { PATH: process.env['PATH'] },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without it the command is ended by whoever serves the store next.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  return { release: () => child.stdin.end('ended\n') };
}
