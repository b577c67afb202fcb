import * as z from 'zod';
import { FLUX_TYPE_CHARACTERS } from '../../../limits.ts';
import { fluxObject } from '../schema.ts';

const VERSIONS = ['v1', 'v1beta2', 'v1beta1'].map((version) => `notification.toolkit.fluxcd.io/${version}`);
const named = z.looseObject({ name: z.string().min(1) });
const unread = z.unknown().exactOptional();

const resource = z.strictObject({
  apiVersion: unread,
  kind: z.string().min(1).max(FLUX_TYPE_CHARACTERS),
  name: z.string().min(1),
  namespace: z.string().exactOptional(),
  matchLabels: z.record(z.string(), z.string()).exactOptional(),
  filter: unread,
});

const oidcProvider = z.strictObject({
  issuerURL: z.string().min(1),
  /** As Flux has it where none is said. */
  audience: z.string().min(1).default('notification-controller'),
  variables: unread,
  validations: z.array(z.looseObject({ expression: z.string().min(1) })).min(1),
});
export type OidcProvider = z.output<typeof oidcProvider>;

/** @see https://github.com/fluxcd/notification-controller/blob/v1.9.3/docs/spec/v1/receivers.md */
export const fluxReceiver = fluxObject(
  'Receiver',
  VERSIONS,
  z.strictObject({
    type: z.string().min(1).max(FLUX_TYPE_CHARACTERS),
    interval: unread,
    events: z.array(z.string()).default([]),
    resources: z.array(resource).min(1),
    resourceFilter: unread,
    secretRef: named.exactOptional(),
    oidcProviders: z.array(oidcProvider).default([]),
    suspend: z.boolean().default(false),
  }),
);
export type FluxReceiver = z.output<typeof fluxReceiver>;
export type FluxResource = z.output<typeof resource>;
