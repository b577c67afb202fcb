import { isObject } from '../../../kernel/json.ts';
import { deployFailed } from '../../kit/failures.ts';
import { readYamlObject } from '../build/yaml-objects.ts';

const ROOT = ['apiVersion', 'kind', 'preferences', 'clusters', 'contexts', 'users', 'current-context'];
/** What names neither a program nor a file. @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ */
const PARTS = [
  [
    'clusters',
    'cluster',
    [
      ...['server', 'certificate-authority-data', 'insecure-skip-tls-verify', 'tls-server-name'],
      ...['proxy-url', 'disable-compression', 'extensions'],
    ],
  ],
  [
    'users',
    'user',
    [
      ...['token', 'username', 'password', 'client-certificate-data', 'client-key-data'],
      ...['as', 'as-uid', 'as-groups', 'as-user-extra', 'extensions'],
    ],
  ],
] as const;

const WHAT = 'the kubeconfig';

function checkKeys(value: unknown, allowed: readonly string[], where: string): void {
  const unknown = isObject(value) ? Object.keys(value).find((key) => !allowed.includes(key)) : where;
  if (unknown === undefined) return;
  throw deployFailed(`${WHAT} has ${unknown} in ${where}, which is not let through on Lambda`, {
    hint: 'Programs (exec, auth-provider) and files (tokenFile, client-key, …) would be run and read with the rights of the function. Have what they hold in the kubeconfig itself (token, client-key-data, certificate-authority-data); for EKS write `eks: NAME` in place of it.',
  });
}

/**
 * A kubeconfig of which kubectl runs no program and reads no file, as it is to be given to kubectl: nothing but what was
 * checked. Whoever may write it would otherwise have the rights of the function.
 * @throws LandfallError DEPLOY_FAILED
 */
export function checkedKubeconfig(text: string): string {
  const config = readYamlObject(text, WHAT);
  checkKeys(config, [...ROOT, 'extensions'], 'its root');
  for (const [list, part, allowed] of PARTS) {
    const items = config[list] ?? [];
    for (const item of Array.isArray(items) ? items : [items]) {
      checkKeys(item, ['name', part], list);
      if (isObject(item) && item[part] !== undefined && item[part] !== null)
        checkKeys(item[part], allowed, `${list}.${part}`);
    }
  }
  return JSON.stringify(config);
}
