export type Tree = Record<string, unknown>;

export const REFERENCES: readonly Tree[] = [
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    stringData: { token: 't', username: 'u', password: 'p' },
  },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tls' }, stringData: { 'ca.crt': 'CA' } },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'root' }, stringData: { 'trusted_root.json': '{}' } },
];
const OCI = { url: 'oci://r.example/a', interval: '5m' };
const HELM = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'HelmRepository',
  metadata: { name: 'charts' },
  spec: { type: 'oci', url: 'oci://r.example/charts' },
};
const CHART = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'HelmChart',
  metadata: { name: 'chart' },
  spec: { chart: 'app', interval: '1h', sourceRef: { kind: 'HelmRepository', name: 'charts' } },
};
const RELEASE = {
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'release' },
  spec: { interval: '1h', chartRef: { kind: 'HelmChart', name: 'chart' } },
};
const WITH_CHART = {
  ...RELEASE,
  spec: {
    interval: '1h',
    chart: { spec: { chart: 'app', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
  },
};
const IMAGES = {
  apiVersion: 'image.toolkit.fluxcd.io/v1',
  kind: 'ImageRepository',
  metadata: { name: 'images' },
  spec: { image: 'r.example/app', interval: '1h' },
};
const POLICY = {
  apiVersion: 'image.toolkit.fluxcd.io/v1',
  kind: 'ImagePolicy',
  metadata: { name: 'policy' },
  spec: { imageRepositoryRef: { name: 'images' }, policy: { semver: { range: '*' } } },
};
const source = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'OCIRepository',
  metadata: { name: 'o' },
  spec: OCI,
};

/** An object of a kind that is whole, and what makes a difference in it. */
export interface Sample {
  /** A spec that is whole, and what it needs. */
  readonly spec: Tree;
  readonly beside: readonly Tree[];
  /** A value for each field that makes a difference. */
  readonly values: Readonly<Record<string, unknown>>;
}

const NAMED = { secretRef: { name: 's' }, certSecretRef: { name: 'tls' }, proxySecretRef: { name: 's' } };
const SHARED = {
  accessFrom: { namespaceSelectors: [] },
  serviceAccountName: 'a',
  provider: 'aws',
  insecure: true,
};
const COMMON = { ...NAMED, ...SHARED, interval: '7m', timeout: '9s', ignore: '*.md', suspend: true };
const IDENTITY = { provider: 'cosign', matchOIDCIdentity: [{ issuer: '^i$', subject: '^s$' }] };

export const SAMPLES: Readonly<Record<string, Sample>> = {
  OCIRepository: {
    spec: OCI,
    beside: [],
    values: {
      ...COMMON,
      url: 'oci://r.example/b',
      'ref.digest': `sha256:${'a'.repeat(64)}`,
      'ref.semver': '1.x',
      'ref.semverFilter': { semver: '1.x', semverFilter: 'a' },
      'ref.tag': 'v1',
      'layerSelector.mediaType': 'a/b',
      'layerSelector.operation': 'copy',
      'verify.provider': IDENTITY,
      'verify.secretRef': { provider: 'cosign', secretRef: { name: 'keys' } },
      'verify.matchOIDCIdentity': IDENTITY,
      'verify.trustedRootSecretRef': { ...IDENTITY, trustedRootSecretRef: { name: 'root' } },
    },
  },
  GitRepository: {
    spec: OCI,
    beside: [],
    values: {
      ...COMMON,
      url: 'oci://r.example/b',
      'ref.tag': 'v1',
      'ref.semver': '1.x',
      'ref.branch': 'main',
      'ref.commit': 'abc',
      'ref.name': 'refs/heads/a',
      include: [{ repository: { name: 'b' } }],
      recurseSubmodules: true,
      sparseCheckout: ['a'],
      gitImplementation: 'go-git',
      verify: { mode: 'HEAD' },
    },
  },
  HelmRepository: {
    spec: HELM.spec,
    beside: [WITH_CHART],
    values: {
      ...COMMON,
      type: 'default',
      url: 'oci://r.example/others',
      passCredentials: true,
    },
  },
  HelmChart: {
    spec: CHART.spec,
    beside: [HELM, RELEASE],
    values: {
      ...COMMON,
      chart: 'other',
      sourceRef: { kind: 'Bucket', name: 'a' },
      version: '1.x',
      verify: IDENTITY,
      valuesFiles: ['a.yaml'],
      ignoreMissingValuesFiles: true,
      reconcileStrategy: 'ChartVersion',
      valuesFile: 'a.yaml',
    },
  },
  ImageRepository: {
    spec: IMAGES.spec,
    beside: [POLICY],
    values: { ...COMMON, image: 'r.example/other', exclusionList: ['a'] },
  },
  ImagePolicy: {
    spec: POLICY.spec,
    beside: [IMAGES],
    values: {
      imageRepositoryRef: { name: 'none' },
      'policy.semver': { semver: { range: '1.x' } },
      'policy.numerical': { numerical: { order: 'asc' } },
      'policy.alphabetical': { alphabetical: { order: 'desc' } },
      'filterTags.pattern': 'a',
      'filterTags.extract': { pattern: '(?P<a>b)', extract: '$a' },
      digestReflectionPolicy: 'IfNotPresent',
      interval: '1m',
      suspend: true,
    },
  },
  Receiver: {
    spec: {
      type: 'github',
      secretRef: { name: 's' },
      resources: [{ kind: 'OCIRepository', name: 'o' }],
      events: ['package'],
    },
    beside: [{ ...source, spec: { ...OCI, url: 'oci://ghcr.io/team/app' } }],
    values: {
      type: 'harbor',
      resources: [{ kind: 'OCIRepository', name: 'other' }],
      'resources[].filter': [{ kind: 'OCIRepository', name: 'o', filter: 'true' }],
      resourceFilter: 'true',
      interval: '1m',
      events: ['push'],
      secretRef: { name: 'other' },
      oidcProviders: {
        type: 'generic-oidc',
        oidcProviders: [
          {
            issuerURL: 'https://token.example',
            validations: [{ expression: "claims.repository == 'team/app'" }],
          },
        ],
      },
      suspend: true,
    },
  },
  Provider: {
    spec: { type: 'slack', address: 'https://hooks.example/a' },
    beside: [
      source,
      {
        apiVersion: 'notification.toolkit.fluxcd.io/v1beta3',
        kind: 'Alert',
        metadata: { name: 'alert' },
        spec: { providerRef: { name: 'x' }, eventSources: [{ kind: 'OCIRepository', name: '*' }] },
      },
    ],
    values: {
      ...COMMON,
      type: 'discord',
      address: 'https://hooks.example/b',
      channel: 'c',
      username: 'u',
      proxy: 'http://p.example',
      commitStatusExpr: 'a',
    },
  },
  Alert: {
    spec: { providerRef: { name: 'p' }, eventSources: [{ kind: 'OCIRepository', name: '*' }] },
    beside: [
      source,
      {
        apiVersion: 'notification.toolkit.fluxcd.io/v1beta3',
        kind: 'Provider',
        metadata: { name: 'p' },
        spec: { type: 'slack', address: 'https://hooks.example/a' },
      },
    ],
    values: {
      providerRef: { name: 'other' },
      eventSeverity: 'error',
      eventSources: [{ kind: 'HelmChart', name: 'a' }],
      inclusionList: ['a'],
      exclusionList: ['a'],
      eventMetadata: { a: 'b' },
      summary: 'a',
      suspend: true,
    },
  },
  ImageUpdateAutomation: {
    spec: { interval: '1m', sourceRef: { kind: 'GitRepository', name: 'a' } },
    beside: [],
    values: { git: {}, interval: '2m', policySelector: {}, sourceRef: {}, suspend: true, update: {} },
  },
};
