import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { openFilesLimit } from '../descriptor-shares.ts';
import type { Exposition } from './exposition.ts';

/** Where a process sees its own descriptors; on Linux alone. */
const DESCRIPTORS = '/proc/self/fd';

function openDescriptors(): number | undefined {
  try {
    return readdirSync(DESCRIPTORS).length;
  } catch {
    return undefined;
  }
}

/** What Prometheus' own clients tell of a process, by the same names. */
export function processMetrics(): { write(to: Exposition): void } & Disposable {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const gauge = (to: Exposition, name: string, help: string, value: number): void => {
    to.metric({ name, help, type: 'gauge' }).sample('', value);
  };
  return {
    write: (to) => {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed } = process.memoryUsage();
      to.metric({
        name: 'process_cpu_seconds_total',
        help: 'User and system time of the process.',
        type: 'counter',
      }).sample('', (user + system) / 1e6);
      gauge(to, 'process_resident_memory_bytes', 'Memory of the process.', rss);
      gauge(to, 'nodejs_heap_size_used_bytes', 'Of the JavaScript heap.', heapUsed);
      gauge(to, 'process_start_time_seconds', 'When the process began.', performance.timeOrigin / 1000);
      const [open, most] = [openDescriptors(), openFilesLimit()];
      if (open !== undefined) gauge(to, 'process_open_fds', 'Descriptors that are open.', open);
      if (most !== undefined) gauge(to, 'process_max_fds', 'Descriptors that may be.', most);
      gauge(
        to,
        'nodejs_eventloop_lag_p99_seconds',
        'How late the event loop was since the last scrape.',
        delay.count === 0 ? 0 : delay.percentile(99) / 1e9,
      );
      delay.reset();
    },
    [Symbol.dispose]: () => void delay.disable(),
  };
}
