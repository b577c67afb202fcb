import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { atEnd } from '../at-end.ts';
import { missingOf, programOf } from '../kubernetes/api-server.ts';
import { freePort } from '../servers/free-port.ts';
import { until } from '../until.ts';

const PROGRAM = programOf('LANDFALL_LAMBDA_RIE', 'aws-lambda-rie');

/** What a test says that is left out for want of AWS's emulator; false where it is there. */
export const emulatorSkip: string | false =
  missingOf({ 'aws-lambda-rie': PROGRAM }).length > 0 &&
  "aws-lambda-rie not found: skipped what runs in AWS's runtime emulator";

export interface Emulator {
  readonly invoke: (event: unknown) => Promise<unknown>;
  readonly lines: readonly string[];
}

/** A bundle in AWS's runtime interface emulator, with this environment and no other. It ends with the test. */
export async function startEmulator(
  t: TestContext,
  bundle: string,
  env: Readonly<Record<string, string>>,
): Promise<Emulator> {
  const [port, api] = [await freePort(), await freePort()];
  const flags = [
    `--runtime-interface-emulator-address=127.0.0.1:${port}`,
    `--runtime-api-address=127.0.0.1:${api}`,
  ];
  const client = join(import.meta.dirname, 'runtime-client.mjs');
  const child = spawn(PROGRAM, [...flags, process.execPath, client, bundle], {
    // A group of its own: what the emulator starts ends with it.
    detached: true,
    env: { ...env, AWS_LAMBDA_FUNCTION_TIMEOUT: '120' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  atEnd(t, async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    await closed;
  });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr])
    createInterface({ input }).on('line', (line) => lines.push(line));
  const url = `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`;
  await until('the emulator to listen', () => lines.find((line) => line.includes('exec')));
  return {
    lines,
    invoke: async (event) => {
      const answer = await fetch(url, {
        method: 'POST',
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(150_000),
      });
      return answer.json();
    },
  };
}
