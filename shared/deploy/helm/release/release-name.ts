import { createHash } from 'node:crypto';

/** @see https://helm.sh/docs/chart_template_guide/builtin_objects/: what it is part of has 63 */
const MOST = 53;

/** A name that Helm takes, cut as Flux cuts it. @see https://github.com/fluxcd/helm-controller/blob/main/internal/release/name.go */
export const fittingRelease = (name: string): string =>
  name.length <= MOST
    ? name
    : `${name.slice(0, 40)}-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
