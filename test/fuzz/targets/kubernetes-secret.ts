import { parseKubernetesSecret } from '../../../shared/credentials/docker/kubernetes-secret.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';
import { checkLogins, silent } from './docker-config.ts';

const PASSWORD = 'hunter2-canary';
const config = JSON.stringify({ auths: { 'ghcr.io': { username: 'user', password: PASSWORD } } });
const inBase64 = Buffer.from(config).toString('base64');

/** A Secret of `kubectl create secret docker-registry`, YAML or JSON: what is told of it repeats nothing that is in it. */
export const target: FuzzTarget = {
  name: 'kubernetes-secret',
  seeds: [
    `apiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockerconfigjson\nmetadata: {name: a}\ndata:\n  .dockerconfigjson: ${inBase64}\n`,
    `apiVersion: v1\nkind: List\nitems:\n- kind: Secret\n  stringData:\n    .dockercfg: '{"ghcr.io":{"auth":"YTpi"}}'\n`,
    JSON.stringify({ kind: 'Secret', stringData: { '.dockerconfigjson': config } }),
    'kind: Secret\nsops: {}\n---\nkind: ConfigMap\n',
  ],
  words: [
    'kind: Secret',
    '.dockerconfigjson',
    '---\n',
    '&a ',
    '*a',
    '!!binary ',
    '<<: ',
    '{',
    '[',
    '\t',
    'items:',
    'data:',
    '|\n',
    PASSWORD,
  ],
  judge: (input) => {
    const logins = taken(
      () => silent(PASSWORD, () => parseKubernetesSecret(input.toString(), 'a secret')),
      'CREDENTIAL_UNREADABLE',
    );
    if (logins === undefined) return false;
    checkLogins(logins);
    return true;
  },
  hostile: [
    ['aliases of aliases', () => Buffer.from(bomb())],
    ['a megabyte of brackets', () => Buffer.from('['.repeat(1_000_000))],
    ['20,000 documents', () => Buffer.from('kind: X\n---\n'.repeat(20_000))],
  ],
};

/** A billion laughs, in YAML. */
export const bomb = (): string =>
  [
    'a: &a0 [x,x,x,x,x,x,x,x,x]',
    ...Array.from({ length: 12 }, (_, at) => `b${at}: &a${at + 1} [${`*a${at},`.repeat(9)}]`),
  ].join('\n');
