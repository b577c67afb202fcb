import type { FuzzTarget } from '../engine/fuzz-target.ts';
import { judgeDocument } from './document.ts';

const OBJECTS = `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: podinfo, namespace: web }
spec:
  interval: 5m
  url: oci://ghcr.io/stefanprodan/manifests/podinfo
  ref: { semver: ">=6.0.0" }
  secretRef: { name: ghcr }
  layerSelector: { mediaType: application/x-tar, operation: copy }
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: app, namespace: web }
spec:
  interval: 10m
  sourceRef: { kind: OCIRepository, name: podinfo }
  path: ./deploy
  prune: true
  postBuild: { substitute: { env: prod } }
`;
const MORE = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: app }
spec:
  interval: 10m
  chartRef: { kind: OCIRepository, name: chart }
  values: { replicas: 2 }
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: { name: app }
spec: { imageRepositoryRef: { name: app }, policy: { semver: { range: 1.x } } }
---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Alert
metadata: { name: app }
spec: { providerRef: { name: slack }, eventSources: [{ kind: OCIRepository, name: "*" }] }
`;

/** Flux's objects, as they lie in folders of Kubernetes. */
export const target: FuzzTarget = {
  name: 'flux-document',
  seeds: [OBJECTS, MORE],
  words: [
    ...[
      'kind: List\nitems:\n',
      'kind: Receiver',
      'kind: HelmRepository',
      'kind: ImageRepository',
      'kind: Secret',
      'apiVersion: ',
    ],
    ...[
      'spec:',
      'metadata:',
      '{{ .Values.a }}',
      '$',
      '{env}',
      '---\n',
      'null',
      '[]',
      '{}',
      'namespace: ',
      'toolkit.fluxcd.io/v1',
    ],
  ],
  judge: judgeDocument,
  hostile: [
    ['2,000 objects', () => Buffer.from(`${OBJECTS.slice(0, 300)}\n---\n`.repeat(800))],
    [
      'objects with an unknown key',
      () =>
        Buffer.from(
          `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: { name: a }\nspec: { ur: x }\n---\n`.repeat(
            1_500,
          ),
        ),
    ],
    ['a list in a list', () => Buffer.from(`${'{kind: List, items: ['.repeat(5_000)}`)],
  ],
};
