import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { isObject } from '../../../shared/kernel/json.ts';
import { parseDocuments } from '../../../shared/source/document.ts';
import { type Becomes, fieldsOf } from '../../docs/flux-tables.ts';
import { DEPLOY_SAMPLES } from './flux-deploy-samples.ts';
import { REFERENCES, SAMPLES, type Tree } from './flux-samples.ts';

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
  readFileSync(new URL('../../fixtures/flux/crd-fields.json', import.meta.url), 'utf8'),
);

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
  const nested = inner === undefined || isObject(value) || Array.isArray(value);
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

for (const [kind, { spec, beside, values }] of Object.entries({ ...SAMPLES, ...DEPLOY_SAMPLES })) {
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

  if (['GitRepository', 'HelmRepository', 'HelmChart'].includes(kind))
    test(`who has accessFrom in a ${kind} is told what to write for a namespace that composes it`, () => {
      const { notices } = outcome(withField(spec, 'accessFrom', values['accessFrom']));
      assert.match(
        notices.find((each) => each.startsWith('accessFrom')) ?? '',
        /not read: to compose it into a source of another namespace, write a source with `accessFrom`$/,
      );
    });

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
      else {
        // What needs something that is not there says so: that is no refusal of the field.
        assert.match(problem, /^$|in none of the documents/);
        assert.ok(
          configuration !== plain.configuration || told.length > 0,
          'nothing changes, and nothing is told',
        );
      }
    });
  }
}
