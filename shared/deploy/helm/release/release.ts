import { gunzipSync } from 'node:zlib';
import { parseObject } from '../../../kernel/json.ts';
import { KUBERNETES_ANSWER_BYTES } from '../../../limits.ts';
import { numberAt, textAt, valueAt } from '../../kubernetes/cluster-object.ts';

/** A hook or test of a release. */
export interface ReleaseHook {
  readonly name: string;
  /** `Job/podinfo-migrate`. */
  readonly shown: string;
  /** The object, as YAML. */
  readonly manifest: string;
  /** A lower one runs first. */
  readonly weight: number;
  /** `before-hook-creation`, `hook-succeeded`, `hook-failed`: when it is deleted. */
  readonly deletePolicies: readonly string[];
  /** `pre-install`, `post-upgrade`, `test`. */
  readonly events: readonly string[];
  /** `Succeeded`, `Failed`, `Running`, `Unknown`; empty: it has not run. */
  readonly phase: string;
}

/** One revision of a release, as Helm keeps it. @see https://github.com/helm/helm/blob/main/pkg/release/v1/release.go */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  /** `deployed`, `failed`, `superseded`, `uninstalled`, `uninstalling`, `pending-install`, `pending-upgrade`, `pending-rollback`. */
  readonly status: string;
  /** Why it is so. */
  readonly description: string;
  /** `podinfo 6.14.1`. */
  readonly chart: string;
  /** The objects, as a stream of YAML documents. */
  readonly manifest: string;
  readonly hooks: readonly ReleaseHook[];
  /** How its tests ended that Landfall ran, not helm, as a label of its Secret says: `passed`, `failed`; empty: they have not run. */
  readonly tested: string;
}

const listAt = (value: unknown, ...keys: readonly string[]): readonly unknown[] => {
  const found = valueAt(value, ...keys);
  return Array.isArray(found) ? found : [];
};

const hookOf = (hook: unknown): ReleaseHook => ({
  name: textAt(hook, 'name'),
  manifest: textAt(hook, 'manifest'),
  weight: numberAt(hook, 'weight') ?? 0,
  deletePolicies: listAt(hook, 'delete_policies').map(String),
  shown: `${textAt(hook, 'kind')}/${textAt(hook, 'name')}`,
  events: listAt(hook, 'events').map(String),
  phase: textAt(hook, 'last_run', 'phase'),
});

/** Reads one from Helm's JSON; undefined where it is none. */
export function readRelease(text: string): Release | undefined {
  const found = parseObject(text);
  const [name, version] = [textAt(found, 'name'), numberAt(found, 'version')];
  if (found === undefined || name === '' || version === undefined) return undefined;
  return {
    name,
    namespace: textAt(found, 'namespace'),
    version,
    status: textAt(found, 'info', 'status'),
    description: textAt(found, 'info', 'description'),
    chart: ['name', 'version'].map((key) => textAt(found, 'chart', 'metadata', key)).join(' '),
    manifest: textAt(found, 'manifest'),
    hooks: listAt(found, 'hooks').map(hookOf),
    tested: '',
  };
}

const GZIP = [0x1f, 0x8b, 0x08];

/**
 * Helm's JSON of what a Secret has under `release`: base64 of gzip, in the base64 of Secrets. Undefined where it is none, or
 * larger than is read.
 */
export function unpackedRelease(data: string): string | undefined {
  const bytes = Buffer.from(Buffer.from(data, 'base64').toString('latin1'), 'base64');
  if (!GZIP.every((byte, at) => bytes[at] === byte)) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: KUBERNETES_ANSWER_BYTES }).toString('utf8');
  } catch {
    return undefined;
  }
}
