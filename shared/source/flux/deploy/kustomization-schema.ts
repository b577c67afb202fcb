import * as z from 'zod';
import { interval, longTimeout } from '../../schema/schema-fields.ts';
import { fluxObject, refused } from '../schema.ts';

const texts = z.record(z.string(), z.string());
const reference = z.looseObject({ name: z.string().min(1), namespace: z.string().exactOptional() });

const IN_OUR_WORDS = 'write the deploy in our own form (kind: kubernetes)';

/** @see https://github.com/fluxcd/kustomize-controller/blob/main/docs/spec/v1/kustomizations.md */
export const fluxKustomization = fluxObject(
  'Kustomization',
  ['kustomize.toolkit.fluxcd.io/v1', 'kustomize.toolkit.fluxcd.io/v1beta2'],
  z.strictObject({
    sourceRef: reference.extend({ kind: z.string() }),
    interval,
    retryInterval: z.unknown().exactOptional(),
    timeout: longTimeout.exactOptional(),
    path: z.string().exactOptional(),
    prune: z.boolean(),
    deletionPolicy: z.enum(['MirrorPrune', 'Delete', 'WaitForTermination', 'Orphan']).default('MirrorPrune'),
    suspend: z.boolean().default(false),
    force: z.boolean().default(false),
    wait: z.boolean().default(false),
    healthChecks: z.array(z.unknown()).exactOptional(),
    dependsOn: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          namespace: z.string().exactOptional(),
          readyExpr: refused('readyExpr is not evaluated: a deploy depends on what another has applied'),
        }),
      )
      .default([]),
    targetNamespace: z.unknown().exactOptional(),
    namePrefix: z.unknown().exactOptional(),
    nameSuffix: z.unknown().exactOptional(),
    commonMetadata: z.unknown().exactOptional(),
    patches: z.unknown().exactOptional(),
    patchesStrategicMerge: z.array(z.record(z.string(), z.unknown())).exactOptional(),
    patchesJson6902: z
      .array(
        z.strictObject({
          patch: z.array(z.record(z.string(), z.unknown())),
          target: z.record(z.string(), z.unknown()),
        }),
      )
      .exactOptional(),
    validation: z.unknown().exactOptional(),
    images: z.unknown().exactOptional(),
    components: z.unknown().exactOptional(),
    ignoreMissingComponents: z.unknown().exactOptional(),
    buildMetadata: z.unknown().exactOptional(),
    postBuild: z
      .strictObject({
        substitute: texts.exactOptional(),
        substituteFrom: z
          .array(
            z.strictObject({
              kind: z.enum(['ConfigMap', 'Secret']),
              name: z.string().min(1),
              optional: z.boolean().default(false),
            }),
          )
          .default([]),
        substituteStrategy: z.unknown().exactOptional(),
      })
      .exactOptional(),
    serviceAccountName: z.string().min(1).exactOptional(),
    kubeConfig: refused(
      `kubeConfig names what is in a cluster: ${IN_OUR_WORDS}, with kubeconfig: { file: … } or where else it is kept`,
    ),
    decryption: refused(
      'decryption (SOPS) is not done: push what is decrypted to a registry that only the deploy reads, or have the cluster fetch its secrets (External Secrets, Sealed Secrets)',
    ),
    healthCheckExprs: refused(
      `healthCheckExprs are not evaluated: ${IN_OUR_WORDS}, with healthChecks, or take them out`,
    ),
    ignore: refused(
      'ignore is not done: what the artifact says is brought back; leave the field out of the manifest',
    ),
  }),
);
export type FluxKustomization = z.output<typeof fluxKustomization>;
