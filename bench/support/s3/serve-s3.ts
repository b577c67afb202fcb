import { startS3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import { BENCH_BUCKET, type S3Count, type S3StandInOptions } from './s3-stand-in.ts';

const { latencyMs } = JSON.parse(process.argv[2] ?? '') as S3StandInOptions;
const server = await startS3Server({ buckets: [BENCH_BUCKET], latency: () => latencyMs });
let begun = process.cpuUsage();

process.on('message', (message: 'count' | 'empty') => {
  const { user, system } = process.cpuUsage(begun);
  const requests: Record<string, number> = {};
  for (const { operation } of server.served) requests[operation] = (requests[operation] ?? 0) + 1;
  const { objects } = server.bucket();
  const count: S3Count = { requests, objects: objects.size, cpuMs: (user + system) / 1000 };
  server.forget();
  if (message === 'empty') objects.clear();
  process.send?.(count);
  begun = process.cpuUsage();
});
process.on('disconnect', () => process.exit());
process.send?.(server.url);
