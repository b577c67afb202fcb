import assert from 'node:assert/strict';
import { credentialOf } from '../../../shared/credentials/docker/docker-auth.ts';
import { type DockerConfig, parseDockerConfig } from '../../../shared/credentials/docker/docker-config.ts';
import { fitting, serverOf } from '../../../shared/credentials/docker/docker-scope.ts';
import { isLandfallError } from '../../../shared/errors.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const PASSWORD = 'hunter2-canary';
const basic = (text: string): string => Buffer.from(text).toString('base64');
const WANTED = { registry: 'ghcr.io', repository: 'team/app' };

/** What is told of a file of logins never repeats what is in it. */
export function silent<T>(secret: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    if (isLandfallError(error)) assert.ok(!`${error.message} ${error.hint}`.includes(secret), error.message);
    throw error;
  }
}

/** Every login that fits a repository is one that can be sent: a token without what ends a header, a name and password. */
export function checkLogins(config: DockerConfig): void {
  for (const scope of fitting(config.auths, WANTED)) {
    assert.ok(serverOf(scope, WANTED).length > 0);
    const credential = taken(
      () => silent(PASSWORD, () => credentialOf(scope.auth, 'it')),
      'CREDENTIAL_UNREADABLE',
    );
    if (credential !== undefined && 'token' in credential) assert.match(credential.token, /^[^\r\n\0]+$/);
  }
}

export const target: FuzzTarget = {
  name: 'docker-config',
  form: 'json',
  seeds: [
    JSON.stringify({
      auths: {
        'ghcr.io': { auth: basic(`user:${PASSWORD}`) },
        'https://index.docker.io/v1/': { identitytoken: 'a.b.c' },
      },
      credHelpers: { '123456789012.dkr.ecr.eu-central-1.amazonaws.com': 'ecr-login' },
      credsStore: 'desktop',
    }),
    JSON.stringify({
      auths: { 'ghcr.io/team': { username: 'user', password: PASSWORD }, '*.io': { registrytoken: 'x' } },
    }),
    ' ',
    'null',
  ],
  words: [
    'ghcr.io',
    'ghcr.io/team/app',
    'https://',
    '/v1/',
    '<token>',
    '"Auth":',
    PASSWORD,
    '\ufeff',
    ':',
    '\\u0000',
    '====',
  ],
  judge: (input) => {
    const text = input.toString();
    const config = taken(
      () => silent(PASSWORD, () => parseDockerConfig(text, 'config.json')),
      'CREDENTIAL_UNREADABLE',
    );
    if (config === undefined) return false;
    checkLogins(config);
    return true;
  },
  hostile: [
    ['a megabyte of brackets', () => Buffer.from('['.repeat(1_000_000))],
    ['20,000 logins', () => Buffer.from(JSON.stringify({ auths: logins(20_000) }))],
    [
      'a megabyte of padding',
      () => Buffer.from(JSON.stringify({ auths: { 'ghcr.io': { auth: '='.repeat(1_000_000) } } })),
    ],
    [
      'a megabyte of blanks',
      () => Buffer.from(JSON.stringify({ auths: { 'ghcr.io': { auth: `a${' '.repeat(1_000_000)}b` } } })),
    ],
    [
      'a megabyte of NULs',
      () =>
        Buffer.from(JSON.stringify({ auths: { 'ghcr.io': { auth: basic(`u:a${'\0'.repeat(700_000)}b`) } } })),
    ],
  ],
};

const logins = (count: number): Record<string, unknown> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`ghcr.io/team-${at}`, { auth: basic(`u:${at}`) }]),
  );
