import { delimiter, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addKind } from '../shared/deploy/kinds/kind-schemas.ts';
import type { DefinedDeploy } from '../shared/deploy/kit/define-deploy.ts';
import { asLandfallError, LandfallError } from '../shared/errors.ts';
import { abortable } from '../shared/kernel/abortable.ts';
import { startDeadline } from '../shared/kernel/deadline.ts';
import { isObject } from '../shared/kernel/json.ts';

/** Modules of kinds of one's own, separated as folders of PATH are. */
const KINDS_VARIABLE = 'LANDFALL_KINDS';

const isKind = (value: unknown): value is DefinedDeploy =>
  isObject(value) && typeof value['kind'] === 'string' && isObject(value['definition']);

/** What a module does when it is loaded is its own; no command waits for it for ever. */
const LOAD_MS = 10_000;

async function kindsIn(path: string): Promise<readonly DefinedDeploy[]> {
  using late = startDeadline(LOAD_MS, () => new Error(`it was not loaded within ${LOAD_MS / 1000} s`));
  try {
    const loading = import(pathToFileURL(resolve(path)).href) as Promise<Readonly<Record<string, unknown>>>;
    return Object.values(await abortable(loading, late.signal)).filter(isKind);
  } catch (cause) {
    throw new LandfallError(
      'CONFIG_UNREADABLE',
      `${KINDS_VARIABLE}: ${path} cannot be loaded: ${String(cause)}`,
      {
        cause,
        hint: 'It is a module that exports what defineDeploy returned: see docs/deploys.md#a-kind-of-your-own.',
      },
    );
  }
}

async function addKindsOf(path: string): Promise<void> {
  const kinds = await kindsIn(path);
  if (kinds.length === 0)
    throw new LandfallError('CONFIG_INVALID', `${KINDS_VARIABLE}: ${path} exports no kind of deploy`, {
      hint: 'Export what defineDeploy returned.',
    });
  for (const kind of kinds) {
    try {
      addKind(kind);
    } catch (cause) {
      throw new LandfallError('CONFIG_INVALID', `${KINDS_VARIABLE}: ${path}: ${String(cause)}`, { cause });
    }
  }
}

/**
 * Has documents know the kinds that the environment names. A module that cannot be had keeps no other, nor any command:
 * whatever needs its kinds is refused for that. Never throws.
 * @returns why those that were left out were: LandfallError CONFIG_UNREADABLE, CONFIG_INVALID
 */
export async function loadOwnKinds(env: NodeJS.ProcessEnv): Promise<readonly LandfallError[]> {
  const paths = (env[KINDS_VARIABLE] ?? '').split(delimiter).filter((path) => path !== '');
  const failures: LandfallError[] = [];
  for (const path of paths)
    await addKindsOf(path).catch((error: unknown) => failures.push(asLandfallError(error)));
  return failures;
}
