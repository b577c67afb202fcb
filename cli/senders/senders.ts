import type { ReceiverType } from '../../shared/source/receiver-entry.ts';
import { acr, acrEventGrid } from './acr.ts';
import { distribution } from './distribution.ts';
import { dockerHub } from './docker-hub.ts';
import { generic } from './generic.ts';
import { ghcr } from './ghcr.ts';
import { forgejo, gitea } from './gitea.ts';
import { harbor } from './harbor.ts';
import { quay } from './quay.ts';
import type { Sender } from './sender.ts';

/** Whoever calls a receiver of a type. */
export const SENDERS: Readonly<Record<ReceiverType, Sender>> = {
  acr,
  'acr-event-grid': acrEventGrid,
  distribution,
  'docker-hub': dockerHub,
  forgejo,
  generic,
  ghcr,
  gitea,
  harbor,
  quay,
};
