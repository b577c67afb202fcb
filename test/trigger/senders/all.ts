import type { ReceiverType } from '../../../shared/source/receiver-entry.ts';
import { acr, acrEventGrid, acrEventGridEntra } from './acr.ts';
import { cloudEvents, cloudEventsSigned } from './cloudevents.ts';
import { distribution } from './distribution.ts';
import { dockerHub } from './docker-hub.ts';
import type { SenderFixture } from './fixture.ts';
import { gar } from './gar.ts';
import { generic } from './generic.ts';
import { ghcr } from './ghcr.ts';
import { forgejo, gitea } from './gitea.ts';
import { harbor } from './harbor.ts';
import { jfrog, jfrogSigned } from './jfrog.ts';
import { nexus } from './nexus.ts';
import { oidc } from './oidc.ts';
import { quay } from './quay.ts';
import { zot, zotBearer } from './zot.ts';

/** Every type has its payloads, one fixture for each way it authenticates: no type comes without. */
const BY_TYPE: Readonly<Record<ReceiverType, readonly SenderFixture[]>> = {
  acr: [acr],
  'acr-event-grid': [acrEventGrid, acrEventGridEntra],
  cloudevents: [cloudEvents, cloudEventsSigned],
  distribution: [distribution],
  'docker-hub': [dockerHub],
  forgejo: [forgejo],
  gar: [gar],
  generic: [generic],
  ghcr: [ghcr],
  gitea: [gitea],
  harbor: [harbor],
  jfrog: [jfrog, jfrogSigned],
  nexus: [nexus],
  oidc: [oidc],
  quay: [quay],
  zot: [zot, zotBearer],
};

export const FIXTURES = Object.values(BY_TYPE).flat();
