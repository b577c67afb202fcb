import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { isObject } from '../../shared/kernel/json.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { type Becomes, fieldsOf } from '../docs/flux-tables.ts';

interface Crd {
  readonly kind: string;
  readonly apiVersion: string;
  /** Repository, release, commit and file that the fields are from. */
  readonly origin: string;
  /** Paths in `spec`, `[]` for items; those of patches are left out, which are kustomize's own. */
  readonly fields: string;
}

/** Each kind's fields in Flux's custom resource definitions of 2.9 and of the releases that had the versions before. */
const CRDS: readonly Crd[] = JSON.parse(
  readFileSync(new URL('../fixtures/flux/crd-fields.json', import.meta.url), 'utf8'),
);

type Tree = Record<string, unknown>;

const REFERENCES: readonly Tree[] = [
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

interface Sample {
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

const SAMPLES: Readonly<Record<string, Sample>> = {
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

/** Where `docs/flux.md` tells of a kind. */
const SECTIONS: Readonly<Record<string, string>> = {
  Alert: 'Alert and Provider',
  Provider: 'Alert and Provider',
};
const tableOf = (kind: string): ReadonlyMap<string, Becomes> => fieldsOf(SECTIONS[kind] ?? kind);

/** The field itself, or the nearest above it that the table has. */
function rowOf(field: string, table: ReadonlyMap<string, Becomes>): string | undefined {
  const steps = field.split('.');
  for (let length = steps.length; length > 0; length -= 1) {
    const path = steps.slice(0, length).join('.');
    const found = [path, path.replaceAll('[]', '')].find((each) => table.has(each));
    if (found !== undefined) return found;
  }
  // A field whose parts are told one by one.
  return [...table.keys()].find((each) => each.startsWith(`${field}.`));
}

/** A release says of each action's fields what they are for all: `*.timeout`. */
const isTold = (field: string, table: ReadonlyMap<string, Becomes>): boolean =>
  rowOf(field, table) !== undefined ||
  [...table.keys()].some((each) => each.startsWith('*.') && field.includes(each.slice(1)));

for (const { kind, apiVersion, fields, origin } of CRDS) {
  test(`docs/flux.md says what becomes of each field of a ${kind} of ${apiVersion}`, () => {
    assert.match(origin, /^fluxcd\/[a-z-]+ v[0-9.]+ \([0-9a-f]{12}\) config\/crd\/bases\//);
    const all = fields.split(' ');
    assert.ok(all.length > 5);
    const table = tableOf(kind);
    assert.deepEqual(
      all.filter((field) => !isTold(field, table)),
      [],
    );
  });
}

function withField(spec: Tree, path: string, value: unknown): Tree {
  const [key = '', inner] = path.replace('[]', '').split('.');
  // A value that is whole is of the field above.
  const nested = inner === undefined || (isObject(value) && inner !== 'secretRef') || Array.isArray(value);
  if (inner === undefined && isObject(value) && key in value) return { ...spec, ...value };
  return {
    ...spec,
    [key]: nested ? value : { ...(isObject(spec[key]) ? spec[key] : {}), [inner ?? '']: value },
  };
}

interface Outcome {
  readonly configuration: string;
  readonly notices: readonly string[];
  readonly problem: string;
}

function read(objects: readonly Tree[]): Outcome {
  const text = objects.map((each) => stringify(each)).join('---\n');
  try {
    const { notices, ...configuration } = parseDocuments([{ file: 'flux.yaml', text }]);
    // Places move with what is written above them.
    const without = JSON.stringify(configuration).replace(/flux\.yaml:\d+:\d+/g, '');
    return { configuration: without, notices: notices.map(({ message }) => message), problem: '' };
  } catch (error) {
    return { configuration: '', notices: [], problem: error instanceof Error ? error.message : '' };
  }
}

for (const [kind, { spec, beside, values }] of Object.entries(SAMPLES)) {
  const crds = CRDS.filter((crd) => crd.kind === kind);
  const { apiVersion } = crds[0] ?? assert.fail(`there is no ${kind}`);
  const names: Readonly<Record<string, string>> = {
    HelmRepository: 'charts',
    HelmChart: 'chart',
    ImageRepository: 'images',
  };
  const object = (given: Tree): Tree => ({
    apiVersion,
    kind,
    metadata: { name: names[kind] ?? 'x' },
    spec: given,
  });
  const outcome = (given: Tree): Outcome => read([object(given), ...beside, ...REFERENCES]);
  const plain = outcome(spec);
  const table = tableOf(kind);
  const rows = new Set(crds.flatMap(({ fields }) => fields.split(' ')).map((field) => rowOf(field, table)));

  test(`a ${kind} without any of them is read`, () => assert.equal(plain.problem, ''));

  for (const row of rows) {
    if (row === undefined) continue;
    const wanted = table.get(row);
    test(`${row} of a ${kind} is ${wanted}`, () => {
      const value = Object.entries(values).find(([path]) => path === row)?.[1];
      assert.ok(value !== undefined, `the test has no value for ${row}`);
      const key = row.split('.').at(-1) ?? row;
      const { configuration, notices, problem } = outcome(withField(spec, row, value));
      const told = notices.filter((each) => !plain.notices.includes(each));
      if (wanted === 'refused') assert.match(problem, new RegExp(key));
      else if (wanted === 'told')
        assert.ok(
          kind === 'ImageUpdateAutomation' ? notices.length > 0 : told.some((each) => each.includes(key)),
          `${problem}\n${notices.join('\n')}`,
        );
      else
        assert.ok(
          configuration !== plain.configuration || told.length > 0,
          'nothing changes, and nothing is told',
        );
    });
  }
}
