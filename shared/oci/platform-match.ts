import type { Platform } from './platform.ts';

/** Other names of architectures, as containerd reads them. @see https://github.com/containerd/platforms/blob/main/database.go */
const ARCHITECTURES: ReadonlyMap<string, readonly [architecture: string, variant?: string]> = new Map([
  ['i386', ['386']],
  ['x86_64', ['amd64']],
  ['x86-64', ['amd64']],
  ['aarch64', ['arm64']],
  ['armhf', ['arm', 'v7']],
  ['armel', ['arm', 'v6']],
]);

/** What an architecture is without a variant. */
const BASE: ReadonlyMap<string, string> = new Map([
  ['amd64', 'v1'],
  ['arm', 'v7'],
  ['arm64', 'v8'],
]);

interface Cpu {
  readonly architecture: string;
  readonly variant: string;
}

function cpuOf({ architecture, variant = '' }: Platform): Cpu {
  const given = architecture.toLowerCase();
  const [name, fixed = variant] = ARCHITECTURES.get(given) ?? [given];
  const base = BASE.get(name);
  const said = (fixed || (base ?? '')).toLowerCase();
  if (base === undefined) return { architecture: name, variant: said };
  return { architecture: name, variant: (/^[0-9]/.test(said) ? `v${said}` : said).replace(/\.0$/, '') };
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, from - to + 1) }, (_, at) => from - at);

const minors = (major: number, from: number): readonly string[] =>
  range(from, 0).map((minor) => (minor === 0 ? `v${major}` : `v${major}.${minor}`));

/**
 * The variants that run where `cpu` is wanted, the best first, as containerd has them: arm down to v5, amd64 down to
 * v1, arm64 down through its minors (v9.x runs what v8.x+5 does). Another architecture is never taken for it.
 * @see https://github.com/containerd/platforms/blob/main/compare.go
 */
function runnable({ architecture, variant }: Cpu): readonly string[] {
  const [, digits = '', minor = '0'] = /^v([0-9]{1,2})(?:\.([0-9]))?$/.exec(variant) ?? [];
  const major = Number(digits);
  if (architecture === 'arm' && major >= 5) return range(major, 5).map((each) => `v${each}`);
  if (architecture === 'amd64' && major >= 1) return range(major, 1).map((each) => `v${each}`);
  if (architecture === 'arm64' && major === 9)
    return [...minors(9, Number(minor)), ...minors(8, Number(minor) + 5)];
  if (architecture === 'arm64' && major === 8) return minors(8, Number(minor));
  return [variant];
}

/** `10.0.20348` is every build of it. */
const isVersion = (want: string | undefined, got: string | undefined): boolean =>
  want === undefined || got === undefined || got === want || got.startsWith(`${want}.`);

const NO_MATCH = -1;

/**
 * How well `got` does for `want`: 0 best, higher worse; undefined where it does not. Features that were not asked for
 * count against it; where features are named, it may need none but these.
 */
export function platformRank(want: Platform, got: Platform): number | undefined {
  const [wanted, cpu] = [cpuOf(want), cpuOf(got)];
  if (want.os !== got.os.toLowerCase() || wanted.architecture !== cpu.architecture) return undefined;
  if (!isVersion(want.osVersion, got.osVersion)) return undefined;
  const needs = got.osFeatures ?? [];
  const { osFeatures } = want;
  if (osFeatures !== undefined && !needs.every((feature) => osFeatures.includes(feature))) return undefined;
  const at = runnable(wanted).indexOf(cpu.variant);
  if (at === NO_MATCH) return undefined;
  return at + (osFeatures === undefined && needs.length > 0 ? 0.5 : 0);
}
