import { parseDocuments } from '../shared/source/document.ts';
import type { YamlFile } from '../shared/source/file/yaml-document.ts';
import { formatImported, importDocuments } from '../shared/source/flux/import-documents.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { seconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';

const TARGET_MS = 2_000;
const TURNS = 5;

/** A team's file: a repository, its login, a Kustomization, a chart, its release, an image, its policy: eight documents. */
const teamOf = (at: number): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: app, namespace: team-${at} }
spec: { interval: 5m, url: "oci://ghcr.io/team-${at}/manifests", ref: { semver: ">=1.0.0" }, secretRef: { name: login } }
---
apiVersion: v1
kind: Secret
metadata: { name: login, namespace: team-${at} }
stringData: { .dockerconfigjson: '{"auths":{"ghcr.io":{"username":"bot","password":"p-${at}"}}}' }
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: app, namespace: team-${at} }
spec: { interval: 10m, prune: true, path: ./deploy, sourceRef: { kind: OCIRepository, name: app }, postBuild: { substitute: { zone: eu } } }
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: { name: charts, namespace: team-${at} }
spec: { type: oci, interval: 1h, url: "oci://ghcr.io/team-${at}/charts" }
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: db, namespace: team-${at} }
spec:
  interval: 10m
  chart: { spec: { chart: db, version: "6.x", sourceRef: { kind: HelmRepository, name: charts } } }
  values: { replicas: 2, resources: { limits: { memory: 1Gi } } }
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: { name: web, namespace: team-${at} }
spec: { interval: 1h, image: "ghcr.io/team-${at}/web" }
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: { name: web, namespace: team-${at} }
spec: { imageRepositoryRef: { name: web }, filterTags: { pattern: '^main-(?P<ts>[0-9]+)$', extract: $ts }, policy: { numerical: {} } }
---
apiVersion: notification.toolkit.fluxcd.io/v1
kind: Receiver
metadata: { name: hook, namespace: team-${at} }
spec: { type: github, events: [package], secretRef: { name: login }, resources: [{ kind: OCIRepository, name: app }] }
`;
const PER_TEAM = 8;

/** CPU of each turn, which a busy machine does not change; the first apart: it compiles. */
function timesOf(turn: () => unknown): { readonly first: number; readonly warm: number } {
  const times = Array.from({ length: TURNS }, () => {
    const began = process.cpuUsage();
    turn();
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  });
  return { first: times[0] ?? 0, warm: median(times.slice(1)) };
}

async function run({ quick }: BenchContext): Promise<readonly Figure[]> {
  const teams = quick ? 25 : 250;
  const files: readonly YamlFile[] = Array.from({ length: teams }, (_, at) => ({
    file: `team-${at}.yaml`,
    text: teamOf(at),
    found: true,
  }));
  const { sources } = parseDocuments(files);
  if (sources.length !== 3 * teams) throw new Error(`${sources.length} sources of ${teams} teams`);
  const figureOf = (what: string, turn: () => unknown): Figure => {
    const { first, warm } = timesOf(turn);
    return {
      what: `${what} ${teams * PER_TEAM} documents of Flux`,
      measured: `${seconds(first)} of CPU at first, ${seconds(warm)} after`,
      target: `≤ ${TARGET_MS / 1000} s for 2,000`,
      met: first <= TARGET_MS,
    };
  };
  return [
    figureOf('validate', () => parseDocuments(files)),
    figureOf('import', () => formatImported(importDocuments(files))),
  ];
}

export const bench: Bench = { name: 'documents', about: 'What reading documents costs', needs: [], run };
