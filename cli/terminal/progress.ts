import { formatBytes, shortDigest } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface ProgressBar {
  update(fact: { readonly digest: string; readonly received: number; readonly size: number }): void;
  /** Takes the bar away, so that what follows starts on a clean line. */
  clear(): void;
}

const REDRAW_MS = 100;
const BAR_CELLS = 24;
const CLEAR_LINE = '\r\u001b[2K';

const draw = (digest: string, received: number, size: number): string => {
  const share = size > 0 ? Math.min(1, received / size) : 0;
  const full = Math.round(share * BAR_CELLS);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
  return `${shortDigest(digest)} ${bar} ${Math.round(share * 100)}% of ${formatBytes(size)}`;
};

/** A bar on stderr while it is a terminal; nothing at all where it is a file or a pipe. */
export function progressBar({ stderr }: Terminal, verb: string): ProgressBar {
  if (stderr.isTTY !== true) return { update: () => {}, clear: () => {} };
  let drawnAt = 0;
  return {
    update({ digest, received, size }) {
      const now = Date.now();
      if (now - drawnAt < REDRAW_MS && received < size) return;
      drawnAt = now;
      const line = `${verb} ${draw(digest, received, size)}`;
      stderr.write(`${CLEAR_LINE}${line.slice(0, (stderr.columns ?? 80) - 1)}`);
    },
    clear() {
      if (drawnAt > 0) stderr.write(CLEAR_LINE);
      drawnAt = 0;
    },
  };
}
