import { createHmac } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import { parseGlob } from '../../glob/glob.ts';
import type { ReceiverEntry } from '../../source/source.ts';
import { distributionReceiver } from './distribution.ts';
import { genericReceiver } from './generic.ts';
import type { Receiver, ReceiverScope } from './receiver.ts';

/** What of a configured receiver matters once its secret is read. */
export type ReceiverBinding = Pick<ReceiverEntry, 'name' | 'type' | 'registry' | 'repositories'>;

/** A receiver with its place: the path it answers at, and the registry and repositories it is bound to. */
export interface OpenReceiver extends Receiver, ReceiverScope {
  readonly entry: ReceiverBinding;
  readonly path: string;
}

/** Each kind of sender, by its `type`. */
const RECEIVERS: Readonly<Record<ReceiverEntry['type'], (secret: string, clock: Clock) => Receiver>> = {
  distribution: distributionReceiver,
  generic: genericReceiver,
};

/** `/receivers/<64 hex>`: nobody finds it who does not know the secret, and it does not tell the secret. */
export const receiverPath = ({ type, name }: Pick<ReceiverEntry, 'type' | 'name'>, secret: string): string =>
  `/receivers/${createHmac('sha256', secret).update(`landfall receiver\n${type}\n${name}`).digest('hex')}`;

/**
 * Binds a receiver to its secret, already read.
 * @throws LandfallError CONFIG_INVALID where the secret is empty or a glob is none
 */
export function openReceiver(entry: ReceiverBinding, secret: string, clock: Clock): OpenReceiver {
  if (secret === '') {
    throw new LandfallError('CONFIG_INVALID', `receiver ${entry.name}: its secret is empty`, {
      hint: 'Make one with: openssl rand -hex 32',
    });
  }
  const globs = entry.repositories?.map(parseGlob);
  return {
    ...RECEIVERS[entry.type](secret, clock),
    entry,
    path: receiverPath(entry, secret),
    registry: entry.registry,
    serves: (repository) => globs === undefined || globs.some((glob) => glob.matches(repository)),
  };
}
