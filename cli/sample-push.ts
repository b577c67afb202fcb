import type { Configured } from '../local/documents/configured.ts';
import { LandfallError } from '../shared/errors.ts';
import type { SourceId } from '../shared/model/ids.ts';
import type { OpenReceiver } from '../shared/trigger/receivers/open-receiver.ts';
import type { Sample, SamplePush } from '../shared/trigger/receivers/senders/sender.ts';
import { senderOf } from '../shared/trigger/receivers/senders/senders.ts';

/** Of nothing that exists: a receiver reconciles the source, not for this. */
const DIGEST = `sha256:${'0'.repeat(64)}`;

export interface WantedPush {
  readonly repository?: string;
  readonly tag?: string;
}

/** @throws LandfallError RECEIVER_NOT_FOUND */
export function receiverNamed(name: string, { receivers, configuration }: Configured): OpenReceiver {
  const found = receivers.find(({ entry }) => entry.name === name);
  if (found !== undefined) return found;
  const known = configuration.receivers.map((entry) => entry.name).join(', ') || 'none';
  throw new LandfallError('RECEIVER_NOT_FOUND', `no receiver ${JSON.stringify(name)}; known: ${known}`, {
    hint: 'Name one of those, or give -f the document that it is in.',
  });
}

/**
 * What a sample is to tell of: where nothing is said, what the first source watches that the receiver speaks for.
 * @throws LandfallError USAGE where there is none
 */
export function samplePush(
  receiver: OpenReceiver,
  { repository, tag }: WantedPush,
  { configuration }: Configured,
): SamplePush {
  const source = configuration.sources.find(
    ({ repository: watched }) =>
      receiver.registries.includes(watched.registry) &&
      receiver.serves(watched.repository) &&
      (repository === undefined || repository === watched.repository),
  );
  const named = repository ?? source?.repository.repository;
  if (named === undefined) {
    throw new LandfallError('USAGE', `no source is of ${receiver.entry.name}'s registry and repositories`, {
      hint: 'Name a repository with --repository.',
    });
  }
  return { repository: named, tag: tag ?? source?.ref.tag ?? 'latest', digest: DIGEST };
}

/**
 * A push as the receiver's sender tells of it, authentic now.
 * @throws LandfallError USAGE where only the sender itself can sign
 */
export function sampleFor(
  { entry }: OpenReceiver,
  push: SamplePush,
  context: { readonly secret: string; readonly now: number },
): Sample {
  const { sample } = senderOf(entry);
  if (typeof sample === 'string') {
    throw new LandfallError('USAGE', `no sample for ${entry.name} (${entry.type}): ${sample}`, {
      hint: `Push to ${entry.registry}, and look at the log of serve.`,
    });
  }
  return sample(push, { ...context, registry: entry.registry });
}

/** What the receiver makes of a sample: the sources that it asks to look at. */
export function sourcesAskedFor(
  receiver: OpenReceiver,
  { headers, body }: Sample,
  { matcher }: Configured,
): readonly SourceId[] {
  const json = { 'content-type': 'application/json' };
  const request = {
    method: 'POST',
    path: receiver.path,
    headers: { ...json, ...headers },
    body: Buffer.from(body),
  };
  return matcher.match(receiver.parse(request), receiver);
}
