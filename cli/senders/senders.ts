import type { ReceiverType } from '../../shared/source/receiver-entry.ts';
import { acr, acrEventGrid } from './acr.ts';
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

/** Whoever calls a receiver of a type. */
export const SENDERS: Readonly<Record<ReceiverType, Sender>> = {
  acr,
  'acr-event-grid': acrEventGrid,
  cloudevents,
  distribution,
  'docker-hub': dockerHub,
  forgejo,
  gar,
  generic,
  ghcr,
  gitea,
  harbor,
  jfrog,
  nexus,
  oidc,
  quay,
  zot,
};
