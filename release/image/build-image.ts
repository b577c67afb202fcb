import { mkdtempSync, rmSync } from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '../../shared/version.ts';
import { HEAP } from '../heap.ts';
import { writeImage } from './image-layout.ts';
import { makeProgramRoot, makeRuntimeRoot, STATE, USER } from './runtime-root.ts';

const PROGRAM = '/usr/local/lib/landfall/build/landfall.cjs';

/** What `serve --listen` answers there; there is no shell and no curl to ask with. */
const HEALTHY =
  "fetch('http://127.0.0.1:8080/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))";

const SECOND_NS = 1_000_000_000;

/** Of docker: OCI has no health check, and what it does not know it leaves alone. */
const HEALTHCHECK = {
  Test: ['CMD', '/usr/local/bin/node', '-e', HEALTHY],
  Interval: 30 * SECOND_NS,
  Timeout: 5 * SECOND_NS,
  StartPeriod: 30 * SECOND_NS,
  Retries: 3,
};

const CONFIG = {
  User: `${USER}:${USER}`,
  Entrypoint: ['/usr/local/bin/node', ...HEAP, PROGRAM],
  Cmd: [
    'serve',
    '-f',
    '/etc/landfall',
    '--store',
    '/var/lib/landfall',
    '--listen',
    '0.0.0.0:8080',
    '--log-format',
    'json',
  ],
  Env: ['PATH=/usr/local/bin', 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'],
  WorkingDir: '/var/lib/landfall',
  ExposedPorts: { '8080/tcp': {} },
  Volumes: { '/var/lib/landfall': {} },
  StopSignal: 'SIGTERM',
  Healthcheck: HEALTHCHECK,
  Labels: {
    'org.opencontainers.image.title': 'landfall',
    'org.opencontainers.image.version': VERSION,
    'org.opencontainers.image.licenses': 'Apache-2.0',
  },
};

/**
 * Builds the image of what `npm run build` made, for the architecture of this machine.
 * @returns the digest of its manifest
 */
export function buildImage(checkout: string, to: string): string {
  const work = mkdtempSync(join(tmpdir(), 'landfall-image-'));
  const [runtime, program] = [join(work, 'runtime'), join(work, 'program')];
  try {
    makeRuntimeRoot(checkout, runtime);
    makeProgramRoot(checkout, program);
    return writeImage(
      [
        { path: runtime, owner: 0 },
        { path: runtime, owner: USER, only: STATE },
        { path: program, owner: 0 },
      ],
      {
        architecture: arch() === 'x64' ? 'amd64' : arch(),
        created: Number(process.env['SOURCE_DATE_EPOCH'] ?? 0),
        config: CONFIG,
      },
      to,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
