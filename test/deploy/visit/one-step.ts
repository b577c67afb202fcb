import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import { readSecret } from '../../../shared/credentials/secret.ts';
import { WatchedFiles } from '../../../shared/credentials/watched-files.ts';
import type { DefinedDeploy } from '../../../shared/deploy/kit/define-deploy.ts';
import { bindKind } from '../../../shared/deploy/visit/bind-kind.ts';
import { NO_AWS, NO_SITES } from '../../../shared/deploy/visit/no-aws.ts';
import type { Visit } from '../../../shared/deploy/visit/visit.ts';
import { visitArtifact } from '../../../shared/deploy/visit/visit-artifact.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { openMemoryStore } from '../../../shared/store/memory/memory-store.ts';
import { sampleEvent } from '../../event/samples.ts';

const DIGEST = digestOf('manifest');
export const SAMPLE = sampleEvent(3, 'site');
const SECRETS = { files: new WatchedFiles(systemClock), env: {} };

/** A folder that goes with the test. */
export function folder(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'landfall-deploy-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

const REVISION = {
  revision: `1.0.0@${DIGEST}`,
  tag: '1.0.0',
  digest: DIGEST,
  variant: 'default',
  contentDigest: digestOf('content'),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  artifactType: null,
  annotations: {},
  files: 1,
  size: 1,
  generation: 3,
  committedAt: '2026-11-21T00:00:00.000Z',
};

function visitOf(kind: string, directory: string, signal = new AbortController().signal): Visit {
  const location = { in: 'directory', directory } as const;
  const where = { deploy: 'site', id: REVISION, path: undefined, location, signal };
  const store = { artifacts: { record: async () => undefined, open: async () => assert.fail() } };
  return {
    deploy: { name: 'site', kind, source: { namespace: 'web', name: 'site' }, labels: {} },
    revision: REVISION,
    event: { ...SAMPLE, detail: { ...SAMPLE.detail, revision: `1.0.0@${DIGEST}` } },
    artifact: visitArtifact(where, undefined, store),
    usedArtifact: async () => assert.fail('it uses no other source'),
    artifactBefore: async () => null,
    applied: null,
    runId: 'landfall-0',
    attempt: 1,
    timeoutMs: 60_000,
    log: () => {},
    clock: systemClock,
    origin: { partition: 'aws', account: '000000000000', region: 'local', bucket: '/store' },
    aws: NO_AWS,
    answer: null,
    sites: { objects: openMemoryStore(systemClock).objects, open: NO_SITES },
    secret: (where) => readSecret(where, SECRETS),
    signal,
    claimFor: async () => {},
  };
}

/** Runs one step of a kind, which has to succeed. */
export async function run(
  kind: DefinedDeploy,
  settings: object,
  directory: string,
  signal?: AbortSignal,
): Promise<void> {
  const { state } = await bindKind(kind, 'site', settings).step(visitOf(kind.kind, directory, signal));
  assert.equal(state, 'succeeded');
}
