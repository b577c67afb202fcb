import { delimiter, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addKind } from '../../shared/deploy/kinds/kind-schemas.ts';
import type { DefinedDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import { LandfallError } from '../../shared/errors.ts';
import { isObject } from '../../shared/kernel/json.ts';

/** Modules of kinds of one's own, separated as folders of PATH are. */
const KINDS_VARIABLE = 'LANDFALL_KINDS';

const isKind = (value: unknown): value is DefinedDeploy =>
  isObject(value) && typeof value['kind'] === 'string' && isObject(value['definition']);

async function kindsIn(path: string): Promise<readonly DefinedDeploy[]> {
  try {
    const module = (await import(pathToFileURL(resolve(path)).href)) as Readonly<Record<string, unknown>>;
    return Object.values(module).filter(isKind);
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

/**
 * Has documents know the kinds that the environment names.
 * @throws LandfallError CONFIG_UNREADABLE, CONFIG_INVALID
 */
export async function loadOwnKinds(env: NodeJS.ProcessEnv): Promise<void> {
  const paths = (env[KINDS_VARIABLE] ?? '').split(delimiter).filter((path) => path !== '');
  for (const path of paths) {
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
}
