import { setTimeout as sleep } from 'node:timers/promises';
import type { Spent } from '../../../test/support/template-host/lambda-function.ts';
import { accessKeyOf } from '../../../test/support/template-host/start-host.ts';
import type { TemplateHost } from '../../../test/support/template-host/template-host.ts';

/** What a function of a stack took since its meter was last read. */
export interface Metered {
  /** Of each invocation. */
  readonly spent: readonly Spent[];
  /** Requests to S3 by operation, to other services by theirs. */
  readonly requests: Readonly<Record<string, number>>;
  readonly logBytes: number;
}

/** A line is ingested with this much besides. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutLogEvents.html */
const LOG_EVENT_BYTES = 26;
/** What the process has written is on its way through a pipe. */
const SETTLE_MS = 200;

function counted(operations: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const operation of operations) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

/** Reads what a function took: its own part of the time, of the log and, by the key it signs with, of the requests. */
export function meterOf(host: TemplateHost, name: string): () => Promise<Metered> {
  const lambda = host.lambda(name);
  const key = accessKeyOf(lambda.options.role);
  const { s3, aws } = host;
  let at = { spent: 0, served: 0, calls: 0, log: 0 };
  return async () => {
    await sleep(SETTLE_MS);
    const from = at;
    at = {
      spent: lambda.spent.length,
      served: s3.served.length,
      calls: aws.calls.length,
      log: lambda.log.length,
    };
    const requests = [...s3.served.slice(from.served), ...aws.calls.slice(from.calls)];
    const lines = lambda.log.slice(from.log, at.log);
    return {
      spent: lambda.spent.slice(from.spent),
      requests: counted(
        requests.filter(({ accessKeyId }) => accessKeyId === key).map(({ operation }) => operation),
      ),
      logBytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line) + LOG_EVENT_BYTES, 0),
    };
  };
}
