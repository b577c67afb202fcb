import type { ReceiverType } from '../../../shared/source/receiver-entry.ts';
import { acr, acrEventGrid } from './acr.ts';
import { distribution } from './distribution.ts';
import { dockerHub } from './docker-hub.ts';
import type { SenderFixture } from './fixture.ts';
import { generic } from './generic.ts';
import { ghcr } from './ghcr.ts';
import { forgejo, gitea } from './gitea.ts';
import { harbor } from './harbor.ts';
import { quay } from './quay.ts';

/** Every type has its payloads, one fixture for each way it authenticates: no type comes without. */
const BY_TYPE: Readonly<Record<ReceiverType, readonly SenderFixture[]>> = {
  acr: [acr],
  'acr-event-grid': [acrEventGrid],
  distribution: [distribution],
  'docker-hub': [dockerHub],
  forgejo: [forgejo],
  generic: [generic],
  ghcr: [ghcr],
  gitea: [gitea],
  harbor: [harbor],
  quay: [quay],
};

export const FIXTURES = Object.values(BY_TYPE).flat();
