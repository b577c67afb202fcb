import * as z from 'zod';
import { RELEASE_NAME_CHARACTERS } from '../../../limits.ts';
import { interval, longTimeout, refusedWhen } from '../../schema/schema-fields.ts';
import { fluxObject, refused } from '../schema.ts';

const unread = z.unknown().exactOptional();
const name = z.string().min(1);
const policy = z.enum(['Skip', 'Create', 'CreateReplace']);
const isSet = z.boolean().exactOptional();

const IN_OUR_WORDS = 'write the deploy in our own form (kind: helm)';

/** What is done after a failure: how often is not for each action to say. */
const remediation = z
  .strictObject({ retries: z.int().default(0), ignoreTestFailures: unread, remediateLastFailure: isSet })
  .exactOptional();

const UNINSTALL =
  'a failed upgrade is not uninstalled: what was applied before is put back (strategy: rollback), or it stays as it is';

const action = {
  timeout: unread,
  strategy: unread,
  disableTakeOwnership: isSet,
  disableWait: isSet,
  disableWaitForJobs: unread,
  disableHooks: isSet,
  disableOpenAPIValidation: isSet,
  disableSchemaValidation: isSet,
  serverSideApply: unread,
  crds: policy.exactOptional(),
};

/** @see https://github.com/fluxcd/helm-controller/blob/main/docs/spec/v2/helmreleases.md */
export const fluxRelease = fluxObject(
  'HelmRelease',
  ['helm.toolkit.fluxcd.io/v2', 'helm.toolkit.fluxcd.io/v2beta2', 'helm.toolkit.fluxcd.io/v2beta1'],
  z
    .strictObject({
      chart: z
        .looseObject({
          metadata: unread,
          spec: z.looseObject({
            valuesFile: refused('valuesFile is of old: write valuesFiles'),
            valuesFiles: z.array(name).default([]),
            ignoreMissingValuesFiles: z.boolean().default(false),
          }),
        })
        .exactOptional(),
      chartRef: z
        .strictObject({
          apiVersion: unread,
          kind: z.string(),
          name,
          namespace: z.string().exactOptional(),
        })
        .exactOptional(),
      interval,
      timeout: longTimeout.default('5m'),
      suspend: z.boolean().default(false),
      releaseName: name.max(RELEASE_NAME_CHARACTERS).exactOptional(),
      targetNamespace: name.exactOptional(),
      storageNamespace: name.exactOptional(),
      maxHistory: z.int().min(0).exactOptional(),
      serviceAccountName: name.exactOptional(),
      persistentClient: unread,
      waitStrategy: unread,
      postRenderStrategy: unread,
      dependsOn: z
        .array(
          z.strictObject({
            name,
            namespace: z.string().exactOptional(),
            readyExpr: refused('readyExpr is not evaluated: a deploy depends on what another has applied'),
          }),
        )
        .default([]),
      values: z.record(z.string(), z.unknown()).nullable().exactOptional(),
      valuesFrom: z
        .array(
          z.strictObject({
            kind: z.enum(['ConfigMap', 'Secret']),
            name,
            valuesKey: name.exactOptional(),
            targetPath: name.exactOptional(),
            optional: z.boolean().default(false),
            literal: z.boolean().default(false),
          }),
        )
        .default([]),
      install: z
        .strictObject({
          ...action,
          remediation,
          createNamespace: z.boolean().default(false),
          replace: unread,
          skipCRDs: isSet,
        })
        .exactOptional(),
      upgrade: z
        .strictObject({
          ...action,
          remediation: z
            .strictObject({
              retries: z.int().default(0),
              ignoreTestFailures: unread,
              remediateLastFailure: isSet,
              strategy: z
                .enum(['rollback', 'uninstall'])
                .check(refusedWhen((given) => (given === 'uninstall' ? { message: UNINSTALL } : undefined)))
                .exactOptional(),
            })
            .exactOptional(),
          force: unread,
          cleanupOnFail: isSet,
          chartNameChangeStrategy: unread,
          preserveValues: z
            .boolean()
            .check(
              refusedWhen((given) =>
                given ? { message: 'values are what the documents say, and none of before' } : undefined,
              ),
            )
            .exactOptional(),
        })
        .exactOptional(),
      test: z
        .strictObject({
          enable: z.boolean().default(false),
          ignoreFailures: z.boolean().default(false),
          timeout: unread,
          filters: refused('filters of tests are not read: all of a release run, or none'),
        })
        .exactOptional(),
      rollback: z
        .strictObject({
          timeout: unread,
          disableWait: unread,
          disableWaitForJobs: unread,
          disableHooks: isSet,
          recreate: unread,
          force: unread,
          cleanupOnFail: isSet,
          serverSideApply: unread,
        })
        .exactOptional(),
      uninstall: z
        .strictObject({
          timeout: unread,
          disableHooks: isSet,
          keepHistory: isSet,
          disableWait: unread,
          deletionPropagation: z
            .enum(['background', 'foreground', 'orphan'])
            .check(
              refusedWhen((given) =>
                given === 'orphan'
                  ? { message: 'what objects own goes with them: suspend the release to have all stay' }
                  : undefined,
              ),
            )
            .exactOptional(),
        })
        .exactOptional(),
      driftDetection: z
        .strictObject({
          mode: z.enum(['enabled', 'warn', 'disabled']).default('disabled'),
          ignore: z
            .array(z.strictObject({ paths: z.array(z.string()), target: z.unknown().exactOptional() }))
            .default([]),
        })
        .exactOptional(),
      kubeConfig: refused(
        `kubeConfig names what is in a cluster: ${IN_OUR_WORDS}, with kubeconfig: { file: … } or where else it is kept`,
      ),
      postRenderers: refused(
        'postRenderers are not run: have the values or the templates say it, or apply what `helm template` makes by a Kustomization',
      ),
      commonMetadata: refused('commonMetadata is not put on the objects of a chart: have its values say it'),
      healthCheckExprs: refused('healthCheckExprs are not evaluated: take them out, or set disableWait'),
    })
    .check(({ value: { chart, chartRef, storageNamespace, targetNamespace }, issues }) => {
      if (chart !== undefined && chartRef !== undefined)
        issues.push({
          code: 'custom',
          path: ['chartRef'],
          message: 'chart and chartRef are both given',
          input: chartRef,
        });
      if (storageNamespace !== undefined && storageNamespace !== targetNamespace)
        issues.push({
          code: 'custom',
          path: ['storageNamespace'],
          message: `the history of a release is kept where its objects are: take it out, or ${IN_OUR_WORDS}`,
          input: storageNamespace,
        });
    }),
);
export type FluxRelease = z.output<typeof fluxRelease>;
