import type { ReceiverType } from '../../../source/receiver-entry.ts';
import type { ReceiverBinding } from '../receiver.ts';
import { acr, acrEventGrid, entraEventGrid } from './acr.ts';
import { cloudevents } from './cloudevents.ts';
import { distribution } from './distribution.ts';
import { dockerHub } from './docker-hub.ts';
import { gar } from './gar.ts';
import { generic } from './generic.ts';
import { ghcr } from './ghcr.ts';
import { forgejo, gitea } from './gitea.ts';
import { harbor } from './harbor.ts';
import { jfrog } from './jfrog.ts';
import { nexus } from './nexus.ts';
import { oidc } from './oidc.ts';
import { quay } from './quay.ts';
import type { Sender } from './sender.ts';
import { zot } from './zot.ts';

type SenderOf<T extends ReceiverType> = (entry: ReceiverBinding<T>) => Sender;

/** Whoever calls a receiver of a type, as the receiver has it set up. */
export const SENDERS: { readonly [T in ReceiverType]: SenderOf<T> } = {
  acr: () => acr,
  'acr-event-grid': ({ entra }) => (entra === undefined ? acrEventGrid : entraEventGrid(entra)),
  cloudevents: () => cloudevents,
  distribution: () => distribution,
  'docker-hub': () => dockerHub,
  forgejo: () => forgejo,
  gar,
  generic: () => generic,
  ghcr: () => ghcr,
  gitea: () => gitea,
  harbor: () => harbor,
  jfrog,
  nexus: () => nexus,
  oidc,
  quay: () => quay,
  zot: () => zot,
};

const senderFor = <T extends ReceiverType>(type: T, entry: ReceiverBinding<T>): Sender =>
  SENDERS[type](entry);

export const senderOf = (entry: ReceiverBinding): Sender => senderFor(entry.type, entry);
