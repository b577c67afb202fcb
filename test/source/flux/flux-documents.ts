import { parseDocuments } from '../../../shared/source/document.ts';

/** Documents as files a.yaml, b.yaml, c.yaml. */
export const parse = (...texts: readonly string[]) =>
  parseDocuments(texts.map((text, at) => ({ file: `${'abcdef'[at]}.yaml`, text })));

export const ociRepository = (spec: string, apiVersion = 'source.toolkit.fluxcd.io/v1'): string => `
apiVersion: ${apiVersion}
kind: OCIRepository
metadata: { name: podinfo, namespace: web, labels: { tier: prod } }
spec:
  interval: 5m0s
  url: oci://ghcr.io/stefanprodan/manifests/podinfo
  ${spec}
`;

export const helmRepository = (spec: string): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: { name: charts, namespace: web }
spec: ${spec}
`;

export const helmRelease = (chart: string): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: shop, namespace: web }
spec: { interval: 10m, values: { replicas: 2 }, ${chart} }
`;

export const CHART =
  'chart: { spec: { chart: podinfo, version: "6.x", sourceRef: { kind: HelmRepository, name: charts } } }';
