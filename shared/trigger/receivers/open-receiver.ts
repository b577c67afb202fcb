import { createHmac } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import type { ReceiverEntry } from '../../source/source.ts';
import { distributionReceiver } from './distribution.ts';
import { genericReceiver } from './generic.ts';
import type { Receiver } from './receiver.ts';

/** A receiver with its place: the path it answers at, and the registry it is bound to. */
export interface OpenReceiver extends Receiver {
  readonly entry: Pick<ReceiverEntry, 'name' | 'type' | 'registry' | 'repositories'>;
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
 * @throws LandfallError CONFIG_INVALID where the secret is empty
 */
export function openReceiver(entry: OpenReceiver['entry'], secret: string, clock: Clock): OpenReceiver {
  if (secret === '' || secret === 'whsec_') {
    throw new LandfallError('CONFIG_INVALID', `receiver ${entry.name}: its secret is empty`, {
      hint: 'Make one with: openssl rand -hex 32',
    });
  }
  return { ...RECEIVERS[entry.type](secret, clock), entry, path: receiverPath(entry, secret) };
}
