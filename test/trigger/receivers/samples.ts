import type { Clock } from '../../../shared/clock.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import { OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { parseRepository } from '../../../shared/oci/reference.ts';
import type { Ref } from '../../../shared/resolve/ref.ts';
import type { KeySource } from '../../../shared/trigger/jwt/key-source.ts';
import type { MatchedSource } from '../../../shared/trigger/match-sources.ts';
import type { TriggerMessage, TriggerQueue } from '../../../shared/trigger/queue.ts';

export const NOW = Date.parse('2026-11-21T08:00:00Z');
export const SECRET = 'correct horse battery staple';
export const REGISTRY = 'registry.example:5000';
export const DIGEST = parseDigest(`sha256:${'a'.repeat(64)}`);

export const stoppedClock: Clock = {
  now: () => NOW,
  sleep: () => Promise.reject(new Error('not in this test')),
};

/** Nobody's: whoever asks for a key in this test is wrong. */
export const noKeys: KeySource = { find: () => Promise.reject(new Error('not in this test')) };

export const watched = (name: string, repository: string, ref: Ref = {}): MatchedSource => ({
  namespace: 'web',
  name,
  repository: parseRepository(`oci://${repository}`),
  ref,
  suspend: false,
});

/** A queue that only remembers. */
export class MemoryQueue implements TriggerQueue {
  readonly messages: TriggerMessage[] = [];

  async enqueue(messages: readonly TriggerMessage[]): Promise<void> {
    this.messages.push(...messages);
  }

  get names(): readonly string[] {
    return this.messages.map(({ name }) => name);
  }
}

/** One event as distribution 2.8 sends it, with what a test wants otherwise. */
export const pushEvent = (target: Record<string, unknown> = {}, over: Record<string, unknown> = {}) => ({
  id: '320678d8-ca14-430f-8bb6-4ca139cd83f7',
  timestamp: '2026-11-21T08:00:00.000000000Z',
  action: 'push',
  target: {
    mediaType: OCI_MANIFEST,
    size: 708,
    digest: DIGEST,
    length: 708,
    repository: 'team/app',
    url: `http://169.254.169.254/v2/team/app/manifests/${DIGEST}`,
    tag: '1.0.0',
    ...target,
  },
  request: {
    id: '6df24a34',
    addr: '192.168.64.11:42961',
    host: 'evil.example',
    method: 'PUT',
    useragent: 'skopeo',
  },
  actor: {},
  source: { addr: 'xtal.local:5000', instanceID: 'a53db899' },
  ...over,
});
