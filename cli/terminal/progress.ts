import { formatAge } from '../../shared/age.ts';
import { formatBytes, shortDigest } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface ProgressBar {
  update(fact: { readonly digest: string; readonly received: number; readonly size: number }): void;
  /** Takes the bar away, so that what follows starts on a clean line. */
  clear(): void;
}

const REDRAW_MS = 100;
/** Before that a rate is chance. */
const RATE_AFTER_MS = 1_000;
const BAR_CELLS = 24;
const LEAST_CELLS = 4;
const CLEAR_LINE = '\r\u001b[2K';

interface Drawn {
  readonly name: string;
  readonly received: number;
  readonly size: number;
  readonly underWayMs: number;
  /** Columns of the terminal. */
  readonly room: number;
}

/** `, 3.1 MiB/s, 12s left` */
function rateOf({ received, size, underWayMs }: Drawn): string {
  if (underWayMs < RATE_AFTER_MS || received === 0) return '';
  const perMs = received / underWayMs;
  const left = received < size ? `, ${formatAge((size - received) / perMs)} left` : '';
  return `, ${formatBytes(Math.round(perMs * 1000))}/s${left}`;
}

/** The bar gives way before what is told beside it does. */
function draw(drawn: Drawn): string {
  const { name, received, size, room } = drawn;
  const share = size > 0 ? Math.min(1, received / size) : 0;
  const told = `${Math.round(share * 100)}% of ${formatBytes(size)}${rateOf(drawn)}`;
  const cells = Math.min(BAR_CELLS, room - name.length - told.length - 2);
  if (cells < LEAST_CELLS) return `${name} ${told}`;
  const full = Math.round(share * cells);
  return `${name} ${'█'.repeat(full)}${'░'.repeat(cells - full)} ${told}`;
}

/** A bar on stderr while it is a terminal; nothing at all where it is a file or a pipe. */
export function progressBar({ stderr }: Terminal, verb: string): ProgressBar {
  if (stderr.isTTY !== true) return { update: () => {}, clear: () => {} };
  let drawnAt = 0;
  let begun: { readonly digest: string; readonly at: number } | undefined;
  return {
    update({ digest, received, size }) {
      const now = Date.now();
      if (begun?.digest !== digest) begun = { digest, at: now };
      if (now - drawnAt < REDRAW_MS && received < size) return;
      drawnAt = now;
      const room = (stderr.columns ?? 80) - 1;
      const name = `${verb} ${shortDigest(digest)}`;
      const line = draw({ name, received, size, underWayMs: now - begun.at, room });
      stderr.write(`${CLEAR_LINE}${line.slice(0, room)}`);
    },
    clear() {
      if (drawnAt > 0) stderr.write(CLEAR_LINE);
      drawnAt = 0;
    },
  };
}
