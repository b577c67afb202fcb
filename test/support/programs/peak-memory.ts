import { readFileSync } from 'node:fs';

/**
 * The most this process ever had resident, in bytes. getrusage(2) would count what the parent had at the time of the
 * fork; Linux' /proc counts this program alone.
 */
export function peakMemory(): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return Number(kilobytes) * 1024;
  } catch {
    // Not Linux.
    return process.resourceUsage().maxRSS * 1024;
  }
}
