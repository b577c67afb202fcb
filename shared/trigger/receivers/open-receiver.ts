import { createHmac } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { readSecret, type SecretDeps } from '../../credentials/secret.ts';
import { asLandfallError, LandfallError } from '../../errors.ts';
import { parseGlob } from '../../glob/glob.ts';
import type { Log } from '../../log.ts';
import type { ReceiverEntry, ReceiverType } from '../../source/receiver-entry.ts';
import { acrReceiver } from './acr.ts';
import { acrEventGridReceiver } from './acr-event-grid.ts';
import { cloudEventsReceiver } from './cloudevents.ts';
import { distributionReceiver } from './distribution.ts';
import { dockerHubReceiver } from './docker-hub.ts';
import { garReceiver } from './gar.ts';
import { genericReceiver } from './generic.ts';
import { ghcrReceiver } from './ghcr.ts';
import { forgejoReceiver, giteaReceiver } from './gitea.ts';
import { harborReceiver } from './harbor.ts';
import { repositoryAliases } from './hints/aliases.ts';
import { jfrogReceiver } from './jfrog.ts';
import { nexusReceiver } from './nexus.ts';
import { oidcReceiver } from './oidc.ts';
import { quayReceiver } from './quay.ts';
import type { Receiver, ReceiverBinding, ReceiverDeps, ReceiverOptions, ReceiverScope } from './receiver.ts';
import { zotReceiver } from './zot.ts';

/** A receiver with its place: the path it answers at, and the registry and repositories it is bound to. */
export interface OpenReceiver extends Receiver, ReceiverScope {
  readonly entry: ReceiverBinding;
  readonly path: string;
}

/** Each kind of sender, by its `type`. */
const RECEIVERS: { readonly [T in ReceiverType]: (options: ReceiverOptions<T>) => Receiver } = {
  acr: acrReceiver,
  'acr-event-grid': acrEventGridReceiver,
  cloudevents: cloudEventsReceiver,
  distribution: distributionReceiver,
  'docker-hub': dockerHubReceiver,
  forgejo: forgejoReceiver,
  gar: garReceiver,
  generic: genericReceiver,
  ghcr: ghcrReceiver,
  gitea: giteaReceiver,
  harbor: harborReceiver,
  jfrog: jfrogReceiver,
  nexus: nexusReceiver,
  oidc: oidcReceiver,
  quay: quayReceiver,
  zot: zotReceiver,
};

/** `/receivers/<64 hex>`: nobody finds it who does not know the secret, and it does not tell the secret. */
export const receiverPath = (
  { type, name }: Pick<ReceiverBinding, 'type' | 'name'>,
  secret: string,
): string =>
  `/receivers/${createHmac('sha256', secret).update(`landfall receiver\n${type}\n${name}`).digest('hex')}`;

function receiverOf<T extends ReceiverType>(type: T, options: ReceiverOptions<T>): Receiver {
  return RECEIVERS[type](options);
}

/**
 * Binds a receiver to its secret, already read.
 * @throws LandfallError CONFIG_INVALID where the secret is empty or a glob is none
 */
export function openReceiver(entry: ReceiverBinding, deps: ReceiverDeps): OpenReceiver {
  if (deps.secret === '') {
    throw new LandfallError('CONFIG_INVALID', `receiver ${entry.name}: its secret is empty`, {
      hint: 'Make one with: openssl rand -hex 32',
    });
  }
  const globs = entry.repositories?.map(parseGlob);
  return {
    ...receiverOf(entry.type, { ...deps, entry }),
    entry,
    path: receiverPath(entry, deps.secret),
    registries: [entry.registry, ...(entry.hosts ?? [])],
    namesOf: repositoryAliases(entry.aliases ?? {}),
    serves: (repository) => globs === undefined || globs.some((glob) => glob.matches(repository)),
  };
}

export interface OpeningDeps extends Omit<ReceiverDeps, 'secret'> {
  readonly secrets: SecretDeps;
  /** What was open before: it stays so where its entry is the same and its secret cannot be read for now. */
  readonly before?: readonly OpenReceiver[];
}

/** A receiver whose path is not known, since its secret could not be read. */
export interface ClosedReceiver {
  readonly name: string;
  readonly error: LandfallError;
}

export interface OpenedReceivers {
  readonly receivers: readonly OpenReceiver[];
  readonly closed: readonly ClosedReceiver[];
}

type Opened = { readonly open: OpenReceiver } | { readonly closed: ClosedReceiver };

async function openOne(entry: ReceiverEntry, deps: OpeningDeps): Promise<Opened> {
  const { secrets, clock, keys, before = [] } = deps;
  try {
    return { open: openReceiver(entry, { secret: await readSecret(entry.secret, secrets), clock, keys }) };
  } catch (thrown) {
    const error = asLandfallError(thrown);
    const open = before.find((one) => isDeepStrictEqual(one.entry, entry));
    if (error.kind === 'transient' && open !== undefined) return { open };
    return { closed: { name: entry.name, error } };
  }
}

/** Opens what can be opened: one secret that cannot be read is no reason to turn the other senders away. */
export async function openReceivers(
  entries: readonly ReceiverEntry[],
  deps: OpeningDeps,
): Promise<OpenedReceivers> {
  const tried = await Promise.all(entries.map((entry) => openOne(entry, deps)));
  return {
    receivers: tried.flatMap((one) => ('open' in one ? [one.open] : [])),
    closed: tried.flatMap((one) => ('closed' in one ? [one.closed] : [])),
  };
}

export function reportClosed(log: Log, closed: readonly ClosedReceiver[]): void {
  for (const { name, error } of closed) {
    const { code, message, hint } = error;
    log('error', 'receiver is closed', { receiver: name, code, error: message, next: hint });
  }
}
